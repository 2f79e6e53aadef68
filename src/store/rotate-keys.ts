/** Seals everything with the current key, row by row; interrupted, it goes on with what is left. */
import { sql } from 'drizzle-orm';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm, Transaction } from './database.js';
import { KEY_ID_BYTES, type KeyRing, keyIdOf } from './encryption.js';
import { rowOf, SEALED_COLUMNS, type SealedColumn, sealedRow, sealedValues } from './sealed-columns.js';
import type { Store } from './store.js';

/**
 * Afterwards the older keys open nothing of the store, and can be taken out of the key file; backups keep needing them.
 *
 * @param onProgress - rows sealed anew so far
 * @returns how many rows were sealed anew
 * @throws CountersignError KEY_MISSING, DECRYPTION_FAILED
 */
export async function rotateKeys(
  { database, keys }: Store,
  by: Pick<AuditEntry, 'at' | 'actor'>,
  onProgress: (done: number) => void = () => undefined,
): Promise<number> {
  let done = 0;
  // Once more where another process, which did not have the new key yet, sealed something behind the first pass.
  do {
    for (const column of SEALED_COLUMNS) {
      for await (const { key, value } of sealedValues(database.orm, column)) {
        if (keyIdOf(value) === keys.currentId) continue;
        await database.transaction((tx) => sealAnew(tx, column, key, keys));
        onProgress(++done);
      }
    }
  } while ((await sealedByOlderKeys(database.orm, keys)) > 0);
  await database.transaction(async (tx) => {
    // Appending seals the head with the current key.
    await appendAudit(tx, keys, { ...by, action: 'keys.rotated', details: { keyId: keys.currentId, rows: done } });
  });
  return done;
}

/** How many values an older key than the current one seals: more than 0 where a rotation was interrupted. */
export async function sealedByOlderKeys(queries: Pick<Orm, 'execute'>, { currentId }: KeyRing): Promise<number> {
  let older = 0;
  for (const { table, column, where } of SEALED_COLUMNS) {
    const keyId = sql.raw(`encode(substring(${column} FROM 2 FOR ${KEY_ID_BYTES}), 'hex')`);
    const { rows } = await queries.execute<{ n: number }>(sql`
      SELECT count(*)::int AS n FROM ${sql.raw(table)} WHERE ${sql.raw(where)} AND ${keyId} <> ${currentId}`);
    older += rows[0]!.n;
  }
  return older;
}

async function sealAnew(tx: Transaction, column: SealedColumn, key: readonly string[], keys: KeyRing): Promise<void> {
  const [name, table] = [sql.raw(column.column), sql.raw(column.table)];
  const isRow = sql`${rowOf(column, key)} AND ${sql.raw(column.where)}`;
  const { rows } = await tx.execute<{ sealed: string }>(
    sql`SELECT encode(${name}, 'base64') AS sealed FROM ${table} WHERE ${isRow} FOR UPDATE`,
  );
  if (rows[0] === undefined) return; // removed meanwhile
  const row = sealedRow(column, key);
  const sealed = keys.seal(keys.open(Buffer.from(rows[0].sealed, 'base64'), row), row);
  await tx.execute(sql`UPDATE ${table} SET ${name} = decode(${sealed.toString('base64')}, 'base64') WHERE ${isRow}`);
}
