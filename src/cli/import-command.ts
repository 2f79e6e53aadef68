import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { writeFileAtomic } from '../data/atomic-file.js';
import { formatCsv } from '../data/csv.js';
import { importReferences } from '../enrol/import.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import type { SettledItem } from '../store/import-items.js';
import { modelOption } from './model-option.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { ProgressLine, printJson, printNote, printResult } from './terminal.js';

interface ImportFlags extends StoreFlags {
  readonly model: string;
  readonly report?: string;
}

export function addImportCommand(program: Command): void {
  addStoreFlags(program.command('import'))
    .description('enrol many writers: a folder with one sub-folder each, or a CSV file')
    .argument('<source>', 'the folder, whose sub-folders are named by your numbers; or the file (.csv)')
    .option('--report <file>', 'write what came of each image (CSV)')
    .addOption(modelOption('--model <model>', 'the active model'))
    .addHelpText(
      'after',
      `
The columns of a CSV file are path (relative to the file) and writer, and if you like name,
captured_at and expires_at (dates like 2026-01-31). Interrupted, the same command goes on.`,
    )
    .action(async (source: string, { model, report, ...flags }: ImportFlags) => {
      const line = new ProgressLine();
      const embedder = await openEmbedder(model, { workers: availableParallelism() });
      try {
        const result = await withStore(flags, (store) =>
          importReferences(store, embedder, source, {
            actor: byActor(flags).actor,
            clock: () => new Date(),
            onProgress: (done, total) => line.update(() => `importing ${done}/${total}`),
          }),
        );
        line.clear();
        if (report !== undefined) await writeFileAtomic(report, renderReport(result.items));
        if (flags.json) return printJson(result);
        const { resumed, enrolled, doubtful, refused, items } = result;
        if (resumed) printNote('went on with the import that had been begun');
        for (const item of items) {
          if (item.state === 'refused' || item.state === 'doubtful')
            printResult(`${item.source}: ${item.state}. ${item.reason}`);
        }
        printResult(`${enrolled} enrolled (${doubtful} of them doubtful), ${refused} refused`);
      } finally {
        await embedder.close();
      }
    });
}

function renderReport(items: readonly SettledItem[]): string {
  const rows = items.map(({ source, externalRef, state, referenceId, code, reason }) => [
    ...[source, externalRef, state, referenceId ?? '', code ?? '', reason ?? ''],
  ]);
  return formatCsv([['path', 'writer', 'state', 'reference', 'code', 'reason'], ...rows]);
}
