import type { Command } from 'commander';
import { CountersignError, ERROR_CATALOGUE } from '../core/errors.js';
import { recordEvent } from '../store/audit-log.js';
import { backup } from '../store/backup.js';
import { checkStore } from '../store/check.js';
import { compactStore } from '../store/compaction.js';
import { addKey, loadKeys } from '../store/key-file.js';
import { keyFileOf, resolveLocation } from '../store/location.js';
import { restore } from '../store/restore.js';
import { rotateKeys, sealedByOlderKeys } from '../store/rotate-keys.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { ProgressLine, printJson, printNote, printResult } from './terminal.js';

export function addDbCommand(program: Command): void {
  const db = program.command('db').description('backup, restore, check, compaction, keys of the store');
  addBackup(db);
  addRestore(db);
  addCheck(db);
  addCompact(db);
  addRotateKeys(db);
}

function addBackup(db: Command): void {
  addStoreFlags(db.command('backup'))
    .description('all of the store, as it stands now, in one file')
    .argument('<file>', 'to write, whole or not at all (.gz)')
    .action(async (file: string, flags: StoreFlags) => {
      const by = byActor(flags);
      const rows = await withStore(flags, async (store) => {
        await recordEvent(store, { ...by, action: 'store.backed-up' });
        return backup(store.database, file, by.at);
      });
      if (flags.json) return printJson({ file, rows });
      printResult(`${file}: ${rows} rows. Keep the key elsewhere: without it nothing sealed can be read again.`);
    });
}

function addRestore(db: Command): void {
  addStoreFlags(db.command('restore'))
    .description('bring a backup back into an empty store, all of it or nothing')
    .argument('<file>', 'that `db backup` wrote')
    .action(async (file: string, flags: StoreFlags) => {
      const location = resolveLocation(flags.store, process.env);
      const keyFile = keyFileOf(location, process.env);
      const keys = loadKeys(keyFile, process.env);
      if (keys === undefined) {
        throw new CountersignError('KEY_MISSING', `Expected the key of the store that was backed up in ${keyFile}.`);
      }
      const by = byActor(flags);
      const rows = await restore(location, file, keys);
      await withStore(flags, (store) => recordEvent(store, { ...by, action: 'store.restored', details: { rows } }));
      if (flags.json) printJson({ file, rows });
      else printResult(`${rows} rows came back.`);
    });
}

function addCheck(db: Command): void {
  addStoreFlags(db.command('check'))
    .description('does everything fit together? Keys, chain, sealed values, embeddings')
    .action(async (flags: StoreFlags) => {
      const report = await withStore(flags, checkStore);
      if (report.problems.length > 0) process.exitCode = ERROR_CATALOGUE.STORE_DAMAGED.exitCode;
      if (flags.json) return printJson(report);
      for (const problem of report.problems) printResult(problem);
      const { problems, compactionDue, auditRows, sealedValues, embeddings } = report;
      if (compactionDue > 0) printResult(`${compactionDue} erasures wait for \`countersign db compact\``);
      printResult(
        `${problems.length} problems; ${auditRows} rows of the audit log, ${sealedValues} sealed values and ${embeddings} embeddings were looked through`,
      );
    });
}

function addCompact(db: Command): void {
  addStoreFlags(db.command('compact'))
    .description('rewrite the tables, so that no file holds a byte of rows that were erased')
    .addHelpText('after', '\nOn a server others wait for each table meanwhile: choose a quiet time.')
    .action(async (flags: StoreFlags) => {
      const report = await withStore(flags, (store) => compactStore(store, byActor(flags)));
      if (flags.json) return printJson(report);
      const { erasures, searched } = report;
      const inFiles =
        searched === null
          ? "what is left outside of its tables, as the write-ahead log, is the server's operator's"
          : `searched ${searched.files} files (${(searched.bytes / 1e6).toFixed(1)} MB) for the ids of ${searched.ids} removed rows: none is left`;
      printResult(`tables were rewritten, for ${erasures} erasures; ${inFiles}`);
    });
}

function addRotateKeys(db: Command): void {
  addStoreFlags(db.command('rotate-keys'))
    .description('make a new key and seal everything with it')
    .addHelpText(
      'after',
      `
Where the environment gives the keys (COUNTERSIGN_KEY), put the new one first there before.
Interrupted, the same command goes on with the key that it began with.`,
    )
    .action(async (flags: StoreFlags) => {
      const line = new ProgressLine();
      const result = await withStore(flags, async (store) => {
        const left = await sealedByOlderKeys(store.database.orm, store.keys);
        const ring = left > 0 || process.env.COUNTERSIGN_KEY ? store.keys : await addKey(keyFileOfStore(flags));
        const rows = await rotateKeys({ ...store, keys: ring }, byActor(flags), (done) =>
          line.update(() => `sealing ${done}`),
        );
        return { keyId: ring.currentId, rows, resumed: left > 0 };
      });
      line.clear();
      if (flags.json) return printJson(result);
      if (result.resumed) printNote('went on with a rotation that had been begun');
      printResult(
        `${result.rows} values are sealed with key ${result.keyId} now. Take older keys out once no process and no backup needs them.`,
      );
    });
}

const keyFileOfStore = ({ store }: StoreFlags) =>
  process.env.COUNTERSIGN_KEY_FILE || keyFileOf(resolveLocation(store, process.env), process.env);
