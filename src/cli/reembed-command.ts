import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { abandonReembed, reembed } from '../enrol/reembed.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import { policyTitle, unkeptPolicies } from '../store/policies.js';
import { modelOption } from './model-option.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { ProgressLine, printJson, printNote, printResult } from './terminal.js';

interface ReembedFlags extends StoreFlags {
  readonly model: string;
  readonly keep?: boolean;
  readonly abandon?: boolean;
}

export function addReembedCommand(program: Command): void {
  addStoreFlags(program.command('reembed'))
    .description('move the store to a new model; the old one serves until that is done')
    .addOption(modelOption('--model <model>', 'the new model'))
    .option('--keep', 'keep the embeddings of the old model')
    .option('--abandon', 'give up a move that has not come to its end, and stay with the old model')
    .addHelpText('after', '\nInterrupted, the same command goes on.')
    .action(async ({ model, keep = false, abandon, ...flags }: ReembedFlags) => {
      const { actor, at } = byActor(flags);
      if (abandon) {
        const modelId = await withStore(flags, (store) => abandonReembed(store, at, actor));
        if (flags.json) return printJson({ abandoned: modelId ?? null });
        return printResult(
          modelId === undefined ? 'There is nothing to give up.' : `The move to ${modelId} is given up.`,
        );
      }
      const line = new ProgressLine();
      const embedder = await openEmbedder(model, { workers: availableParallelism() });
      try {
        const result = await withStore(flags, async (store) => {
          const unkept = await unkeptPolicies(store.database.orm, embedder.metadata, at);
          for (const policy of unkept) {
            printNote(`policy ${policyTitle(policy)} will decide nothing by this model: ${policy.reason}`);
          }
          const moved = await reembed(store, embedder, {
            ...{ actor, keep, clock: () => new Date() },
            onProgress: (done, total) => line.update(() => `re-embedding ${done}/${total}`),
          });
          return { ...moved, unkeptPolicies: unkept };
        });
        line.clear();
        if (flags.json) return printJson(result);
        for (const { externalRef, referenceId, reason } of result.refused) {
          printResult(`writer ${externalRef}, reference ${referenceId}: ${reason}`);
        }
        const { modelId, references, refused } = result;
        printResult(`active model ${modelId}: ${references} references embedded, ${refused.length} refused`);
      } finally {
        await embedder.close();
      }
    });
}
