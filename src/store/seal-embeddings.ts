/** Embeddings that are there follow the setting: sealed where it says so, else opened. */
import { and, asc, count, eq, type SQL, sql } from 'drizzle-orm';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm, Transaction } from './database.js';
import { floatsOf, openEmbedding, storedEmbedding } from './embedding-bytes.js';
import type { KeyRing } from './encryption.js';
import { embeddings } from './schema.js';
import { holdEnrolmentSettings, readEnrolmentSettings } from './settings.js';
import type { Store } from './store.js';

const ROWS_AT_A_TIME = 200;

/** @returns how many are not as the setting says: more than 0 where following it was interrupted */
export async function embeddingsToFollow(queries: Pick<Orm, 'select'>): Promise<number> {
  const { sealEmbeddings } = await readEnrolmentSettings(queries);
  const [row] = await queries.select({ n: count() }).from(embeddings).where(eq(embeddings.sealed, !sealEmbeddings));
  return row!.n;
}

/**
 * A few in a transaction. The setting is read in each, so that a change of it meanwhile is followed too.
 *
 * @param onProgress - embeddings sealed or opened so far
 * @returns how many were
 * @throws CountersignError KEY_MISSING, DECRYPTION_FAILED
 */
export async function sealEmbeddingsAsSet(
  { database, keys }: Store,
  by: Pick<AuditEntry, 'at' | 'actor'>,
  onProgress: (done: number) => void = () => undefined,
): Promise<number> {
  let done = 0;
  let after: Position | undefined;
  do {
    const rows = await database.transaction((tx) => followSetting(tx, keys, after));
    done += rows.length;
    if (rows.length > 0) onProgress(done);
    after = rows.length < ROWS_AT_A_TIME ? undefined : rows.at(-1);
  } while (after !== undefined);
  if (done === 0) return 0;
  await database.transaction(async (tx) => {
    const { sealEmbeddings } = await readEnrolmentSettings(tx);
    const action = sealEmbeddings ? 'embeddings.sealed' : 'embeddings.opened';
    await appendAudit(tx, keys, { ...by, action, details: { rows: done } });
  });
  return done;
}

type Position = Pick<typeof embeddings.$inferSelect, 'referenceId' | 'modelId'>;

/** @returns the rows that were sealed or opened, in the order of their keys */
async function followSetting(
  tx: Transaction,
  keys: KeyRing,
  after: Position | undefined,
): Promise<readonly Position[]> {
  await holdEnrolmentSettings(tx);
  const { sealEmbeddings: sealed } = await readEnrolmentSettings(tx);
  const { referenceId, modelId } = embeddings;
  const rows = await tx
    .select()
    .from(embeddings)
    .where(and(eq(embeddings.sealed, !sealed), isAfter(after)))
    .orderBy(asc(referenceId), asc(modelId))
    .limit(ROWS_AT_A_TIME)
    .for('update');
  for (const row of rows) {
    const embedding = floatsOf(openEmbedding(keys, row));
    const { vector } = storedEmbedding(keys, { ...row, embedding, sealed });
    const isRow = and(eq(referenceId, row.referenceId), eq(modelId, row.modelId));
    await tx.update(embeddings).set({ vector, sealed }).where(isRow);
  }
  return rows;
}

/** SQL */
function isAfter(position: Position | undefined): SQL | undefined {
  if (position === undefined) return undefined;
  const { referenceId, modelId } = position;
  return sql`(${embeddings.referenceId}, ${embeddings.modelId}) > (${referenceId}::uuid, ${modelId}::text)`;
}
