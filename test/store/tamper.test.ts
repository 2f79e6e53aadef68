/** Any change behind the program's back to the audit log is found: one byte of one row, 1,000 times; rows, order, tail. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { appendAudit, verifyAuditLog } from '../../src/store/audit-log.js';
import { openStore, type Store } from '../../src/store/store.js';
import { type Backend, environment, startFolders } from './backends.js';
import { AT, addSample } from './sample-store.js';

const TRIALS = 1000;
const ROWS = 12;
/** Columns with their types. */
const COLUMNS: Readonly<Record<string, string>> = {
  seq: 'bigint',
  at: 'timestamptz(3)',
  actor: 'text',
  action: 'text',
  subject_ids: 'jsonb',
  image_hashes: 'jsonb',
  model_id: 'text',
  policy: 'text',
  threshold: 'double precision',
  result: 'text',
  details: 'text',
  previous_hash: 'text',
  hash: 'text',
};

let backend: Backend;
let store: Store;
beforeAll(async () => {
  backend = await startFolders();
  store = await openStore(await backend.createStore(), environment());
  for (let i = 0; i < ROWS; i++) await addSample(store);
  await behindTheTriggers('CREATE TABLE kept AS SELECT * FROM audit_log');
}, 300_000);
afterAll(async () => {
  await store?.close();
  await backend?.stop();
}, 300_000);

/** As someone would who has the database, but not the key. @throws where the database does not take it */
const behindTheTriggers = (...statements: string[]) =>
  store.database.transaction(async (tx) => {
    await tx.execute(sql`SET LOCAL session_replication_role = replica`);
    for (const statement of statements) await tx.execute(sql.raw(statement));
  });
const restoreRows = () => behindTheTriggers('DELETE FROM audit_log', 'INSERT INTO audit_log SELECT * FROM kept');
const verify = () => verifyAuditLog(store.database, store.keys);
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** @returns whether the database took the change, and it is one */
async function changeOneByte(rng: Rng, seq: number, column: string): Promise<boolean> {
  const { rows } = await store.database.orm.execute<{ text: string }>(
    sql.raw(`SELECT ${column}::text AS text FROM audit_log WHERE seq = ${seq}`),
  );
  const bytes = Buffer.from(rows[0]!.text);
  bytes[Math.floor(rng.uniform(0, bytes.length))] = Math.floor(rng.uniform(1, 128));
  const changed = bytes.toString();
  try {
    await behindTheTriggers(
      `UPDATE audit_log SET ${column} = ${quoted(changed)}::${COLUMNS[column]} WHERE seq = ${seq}`,
    );
  } catch {
    return false; // no number, no instant, no JSON any more
  }
  const { rows: same } = await store.database.orm.execute(
    sql.raw('SELECT 1 FROM (TABLE audit_log EXCEPT TABLE kept) AS differing'),
  );
  return same.length > 0;
}

describe('a change of the audit log behind the program', () => {
  it(`is found where it is one byte of one row, ${TRIALS} times of ${TRIALS}`, async () => {
    expect(await verify()).toEqual({ valid: true, rows: ROWS });
    const rng = new Rng('tamper');
    const names = Object.keys(COLUMNS);
    const perColumn = new Map<string, number>();
    for (let trial = 0; trial < TRIALS; ) {
      const seq = 1 + Math.floor(rng.uniform(0, ROWS));
      const column = names[Math.floor(rng.uniform(0, names.length))]!;
      if (!(await changeOneByte(rng, seq, column))) continue;
      const found = await verify();
      expect(found, `${column} of row ${seq}`).toMatchObject({ valid: false });
      // A row whose number was changed is missed in its place, or found in that of another.
      if (column !== 'seq') expect(found, `${column} of row ${seq}`).toMatchObject({ seq });
      await restoreRows();
      perColumn.set(column, (perColumn.get(column) ?? 0) + 1);
      trial++;
    }
    expect(perColumn.size).toBe(names.length);
    expect(await verify()).toEqual({ valid: true, rows: ROWS });
  }, 300_000);

  it.each([
    ['a row in the middle is gone', ['DELETE FROM audit_log WHERE seq = 5'], 5],
    ['the first row is gone', ['DELETE FROM audit_log WHERE seq = 1'], 1],
    ['the tail is cut', ['DELETE FROM audit_log WHERE seq > 10'], 11],
    ['all rows are gone', ['DELETE FROM audit_log'], 1],
    [
      'two rows are swapped',
      [
        'UPDATE audit_log SET seq = 99 WHERE seq = 3',
        'UPDATE audit_log SET seq = 3 WHERE seq = 4',
        'UPDATE audit_log SET seq = 4 WHERE seq = 99',
      ],
      3,
    ],
    [
      'a row is gone and those behind it moved up',
      ['DELETE FROM audit_log WHERE seq = 4', 'UPDATE audit_log SET seq = seq - 1 WHERE seq > 4'],
      4,
    ],
    [
      'a row is added',
      [
        `INSERT INTO audit_log SELECT seq + 1, at, actor, action, subject_ids, image_hashes, model_id,
      policy, threshold, result, details, hash, repeat('0', 64) FROM audit_log WHERE seq = ${ROWS}`,
      ],
      ROWS + 1,
    ],
  ])('is found where %s', async (_, statements, seq) => {
    await behindTheTriggers(...statements);
    expect(await verify()).toMatchObject({ valid: false, seq });
    await restoreRows();
  });

  it('is found where tail and head are cut together, and no append covers it up', async () => {
    await behindTheTriggers(
      'CREATE TABLE kept_head AS SELECT * FROM audit_head',
      'DELETE FROM audit_log WHERE seq > 10',
      'UPDATE audit_head SET seq = 10, hash = (SELECT hash FROM audit_log WHERE seq = 10)',
    );
    expect(await verify()).toEqual({ valid: false, seq: 0, problem: 'the head was altered' });
    const { database, keys } = store;
    const append = database.transaction((tx) => appendAudit(tx, keys, { at: AT, actor: 'a', action: 'b' }));
    await expect(append).rejects.toMatchObject({ code: 'AUDIT_LOG_BROKEN' });
    await behindTheTriggers('DELETE FROM audit_head', 'INSERT INTO audit_head SELECT * FROM kept_head');
    await restoreRows();
  });

  it.each(['NaN', 'Infinity', '-0', '0'])('is found where a row without a threshold gets %s', async (value) => {
    const { database, keys } = store;
    const seq = await database.transaction((tx) => appendAudit(tx, keys, { at: AT, actor: 'a', action: 'b' }));
    await behindTheTriggers(`UPDATE audit_log SET threshold = '${value}' WHERE seq = ${seq}`);
    expect(await verify()).toMatchObject({ valid: false, seq });
    await behindTheTriggers(`UPDATE audit_log SET threshold = NULL WHERE seq = ${seq}`);
    expect(await verify()).toEqual({ valid: true, rows: seq });
  });
});
