import type { Command } from 'commander';
import { type ErasureReport, eraseWriters } from '../store/erase.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { printJson, printResult } from './terminal.js';

interface EraseFlags extends StoreFlags {
  readonly compact?: boolean;
}

export function addEraseCommand(program: Command): void {
  addStoreFlags(program.command('erase'))
    .description('erase writers for good: images, embeddings, decisions, cases, queued work; and prove it')
    .argument('<writer...>', 'your numbers')
    .option('--compact', 'rewrite the tables at once (default in a folder); on a server others wait meanwhile')
    .option('--no-compact', 'leave that to `countersign db compact` (default on a server)')
    .action(async (externalRefs: string[], { compact, ...flags }: EraseFlags) => {
      const report = await withStore(flags, (store) => eraseWriters(store, externalRefs, byActor(flags), { compact }));
      if (flags.json) printJson(report);
      else printResult(renderErasure(report));
    });
}

function renderErasure({ writers, searched, auditRows, shared, notSoughtInFiles, notes }: ErasureReport): string {
  const { needles, tables, files, bytes } = searched;
  const inFiles = files === null ? '' : ` and ${files} files (${((bytes ?? 0) / 1e6).toFixed(1)} MB)`;
  const removed = writers.map(
    ({ id, removed: { references, embeddings, decisions, cases, importItems, bulkItems, jobs } }) =>
      `${id ?? 'nobody was enrolled under this number'}: removed ${references} references, ${embeddings} embeddings, ${decisions} decisions, ${cases} cases, ${importItems} imported files, ${bulkItems} items of bulk work, ${jobs} jobs`,
  );
  const proof = [
    `searched for ${needles} byte strings in ${tables} tables${inFiles}: nothing of the writer is left`,
    `by design, ${auditRows} rows of the audit log hold ids and hashes`,
  ];
  return [
    ...removed,
    ...proof,
    ...shared.map((what) => `found, but as another's: ${what}`),
    ...notSoughtInFiles.map((what) => `too short to be told from chance in a file: ${what}`),
    ...notes,
  ].join('\n');
}
