import type { Command } from 'commander';
import { type Identification, identify } from '../decide/identify.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import { modelOption } from './model-option.js';
import { parseCount } from './number-flag.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { renderTable } from './table.js';
import { ProgressLine, printJson, printResult } from './terminal.js';

interface IdentifyFlags extends StoreFlags {
  readonly model: string;
  readonly limit: number;
  readonly exact?: boolean;
}

/** Beyond, nearness says nothing any more. */
const MOST_NAMED = 100;

export function addIdentifyCommand(program: Command): void {
  addStoreFlags(program.command('identify'))
    .description('whose signature is this? The enrolled writers nearest to it')
    .argument('<questioned>', 'image of the signature')
    .addOption(modelOption('--model <model>', 'the active model'))
    .option('--limit <number>', 'writers to name', parseCount('--limit', MOST_NAMED), 5)
    .option('--exact', 'compare with all writers, though there is an index')
    .action(async (questioned: string, { model, limit, exact, ...flags }: IdentifyFlags) => {
      const embedder = await openEmbedder(model);
      const line = new ProgressLine();
      const onIndex = (done: number) => line.update(() => `taking writers into the index: ${done}`);
      try {
        const found = await withStore(flags, (store) =>
          identify(store, embedder, questioned, { limit, exact: exact ?? false, onIndex }, byActor(flags)),
        );
        line.clear();
        if (flags.json) printJson(found);
        else printResult(renderIdentification(found));
      } finally {
        await embedder.close();
      }
    });
}

function renderIdentification({ candidates, problem, modelId, timingMs }: Identification): string {
  const last = [`model        ${modelId}`, `time         ${timingMs.toFixed(0)} ms`];
  if (problem !== null) return [`The image shows no signature: ${problem.message}`, ...last].join('\n');
  if (candidates.length === 0) return ['No writer is ready to be compared with.', ...last].join('\n');
  const rows = candidates.map(({ writer, distance, similarity, referenceCount, withinThreshold }) => [
    ...[writer, distance.toFixed(3), similarity.toFixed(0), String(referenceCount), withinThreshold ? 'yes' : 'no'],
  ]);
  return [
    renderTable(['writer', 'distance', 'similarity', 'references', 'within the threshold'], rows),
    '',
    'Nearest of all writers, which is not yet the writer: verify before you act on it.',
    ...last,
  ].join('\n');
}
