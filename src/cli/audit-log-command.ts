import type { Command } from 'commander';
import { type AuditRow, brokenLog, verifyAuditLog } from '../store/audit-log.js';
import { listAudit } from '../store/audit-rows.js';
import { findWriter } from '../store/find-writer.js';
import { parseCount } from './number-flag.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { renderTable } from './table.js';
import { printJson, printResult } from './terminal.js';

interface ShowFlags extends StoreFlags {
  readonly writer?: string;
  readonly subject?: string;
  readonly action?: string;
  readonly limit: number;
}

export function addAuditLogCommand(program: Command): void {
  const log = program.command('audit-log').description('who did what, on record; and whether the record is whole');

  addStoreFlags(log.command('verify'))
    .description('find any row that was changed, removed or moved')
    .action(async (flags: StoreFlags) => {
      const verified = await withStore(flags, ({ database, keys }) => verifyAuditLog(database, keys));
      if (!verified.valid) throw brokenLog(verified.seq, verified.problem);
      if (flags.json) printJson(verified);
      else printResult(`${verified.rows} rows, as they were written`);
    });

  addStoreFlags(log.command('show'))
    .description('the newest rows')
    .option('--writer <writer>', 'only those about this writer')
    .option('--subject <id>', 'only those about this reference, decision, case or job')
    .option('--action <action>', 'only those of it, like writer.enrolled')
    .option('--limit <number>', 'rows to show', parseCount('--limit'), 50)
    .action(async ({ writer, subject: id, action, limit, ...flags }: ShowFlags) => {
      const rows = await withStore(flags, async ({ database: { orm } }) => {
        const subject = writer === undefined ? id : (await findWriter(orm, writer, byActor(flags).at)).id;
        const { items } = await listAudit(orm, { order: 'newest', subject, action, limit });
        return items.toReversed(); // as they were written
      });
      if (flags.json) printJson(rows);
      else printResult(renderRows(rows));
    });
}

function renderRows(rows: readonly AuditRow[]): string {
  const cells = rows.map(({ seq, at, actor, action, result, subjectIds }) => [
    ...[String(seq), at.toISOString(), actor, action, result ?? '', subjectIds.join(' ')],
  ]);
  return renderTable(['row', 'at', 'actor', 'action', 'result', 'about'], cells);
}
