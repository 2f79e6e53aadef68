import type { Command } from 'commander';
import { exportWriter } from '../store/export-writer.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { printJson, printResult } from './terminal.js';

interface ExportFlags extends StoreFlags {
  readonly out: string;
}

export function addExportCommand(program: Command): void {
  addStoreFlags(program.command('export'))
    .description('everything about a writer, opened: writer.json and the images')
    .argument('<writer>', 'your number for the writer')
    .requiredOption('--out <folder>', 'a new folder; it appears whole or not at all')
    .action(async (externalRef: string, { out, ...flags }: ExportFlags) => {
      const result = await withStore(flags, (store) => exportWriter(store, externalRef, out, byActor(flags)));
      if (flags.json) return printJson(result);
      const { folder, references, decisions, images } = result;
      printResult(
        `${folder}: ${references} references, ${decisions} decisions, ${images} images. They are not sealed: guard them.`,
      );
    });
}
