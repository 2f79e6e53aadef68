import type { Command } from 'commander';
import { CountersignError } from '../core/errors.js';
import { addToWriter, enrolWriter } from '../enrol/enrol-writer.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import type { EnrolmentOutcome } from '../store/enrol.js';
import { parseInstantFlag } from './instant-flag.js';
import { modelOption } from './model-option.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { printJson, printResult } from './terminal.js';

interface EnrolFlags extends StoreFlags {
  readonly model: string;
  readonly name?: string;
  readonly expires?: Date;
  readonly captured?: Date;
  readonly add?: boolean;
}

export function addEnrolCommand(program: Command): void {
  addStoreFlags(program.command('enrol'))
    .description('put genuine signatures of a writer into the store, to compare with later')
    .argument('<writer>', 'your own number for the writer')
    .argument('<image...>', 'genuine signatures; all are enrolled, or none')
    .option('--name <name>', "the writer's name")
    .option('--expires <date>', 'the enrolment is stale from this day on', parseInstantFlag('--expires'))
    .option(
      '--captured <date>',
      'when the signatures were written; without it, they age from now',
      parseInstantFlag('--captured'),
    )
    .option('--add', 'the writer is in the store: add to the references')
    .addOption(modelOption('--model <model>', 'the active model'))
    .addHelpText(
      'after',
      `
Example:
  countersign enrol 4711 a.png b.png c.png --name 'Ada Example'
  countersign enrol 4711 d.png --add`,
    )
    .action(
      async (externalRef: string, images: string[], { model, name, expires, captured, add, ...flags }: EnrolFlags) => {
        if (add && (name ?? expires) !== undefined) {
          throw new CountersignError(
            'INVALID_ARGUMENT',
            '--add leaves the writer as it is: expected no --name and no --expires.',
          );
        }
        const sources = images.map((image) => ({ image, capturedAt: captured ?? null }));
        const writer = { externalRef, name: name ?? null, expiresAt: expires ?? null };
        const embedder = await openEmbedder(model);
        try {
          const outcome = await withStore(flags, (store) =>
            add
              ? addToWriter(store, embedder, externalRef, sources, byActor(flags))
              : enrolWriter(store, embedder, writer, sources, byActor(flags)),
          );
          if (flags.json) printJson(outcome);
          else printResult(renderOutcome(externalRef, images, outcome));
        } finally {
          await embedder.close();
        }
      },
    );
}

function renderOutcome(externalRef: string, images: readonly string[], outcome: EnrolmentOutcome): string {
  const { state, reason, references } = outcome;
  return [
    `writer ${externalRef}: ${state}. ${reason}`,
    ...references.map(
      ({ id, state, doubt }, i) => `${images[i]}   ${id}   ${state}${doubt ? `. ${doubt.reason}` : ''}`,
    ),
    ...(references.some(({ state }) => state === 'doubtful')
      ? [
          `A doubtful reference is not compared with until a person has confirmed it: countersign writers confirm ${externalRef} <reference>`,
        ]
      : []),
  ].join('\n');
}
