/**
 * Answers of the service that are kept for a day, so that a request that comes again has no effect again. An answer is
 * written in the transaction of the effect: both last, or neither. It is sealed, and goes with the writers it speaks of.
 */
import { randomUUID } from 'node:crypto';
import { and, eq, inArray, lt } from 'drizzle-orm';
import type { Orm, Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import { idempotentAnswers, idempotentAnswerWriters } from './schema.js';
import { idempotentAnswerRow } from './sealed-columns.js';
import type { Store } from './store.js';

/** Which request: of whom, for what, by which key of the caller. */
export interface RequestIdentity {
  readonly apiKeyId: string;
  readonly operation: string;
  /** SHA-256, hexadecimal. */
  readonly keyHash: string;
  readonly requestHash: string;
}

export interface StoredAnswer {
  readonly requestHash: string;
  /** JSON. */
  readonly answer: string;
}

const KEPT_MS = 24 * 3_600_000;

/** @returns undefined where none is kept */
export async function findAnswer(
  { database, keys }: Pick<Store, 'database' | 'keys'>,
  identity: Omit<RequestIdentity, 'requestHash'>,
  at: Date,
): Promise<StoredAnswer | undefined> {
  const [row] = await database.orm.select().from(idempotentAnswers).where(isOf(identity));
  if (row === undefined || row.createdAt < expiredBefore(at)) return undefined;
  return { requestHash: row.requestHash, answer: keys.open(row.answer, idempotentAnswerRow(row.id)).toString() };
}

/**
 * Call it in the transaction of the effect; it also removes what was kept long enough.
 *
 * @param answer - JSON
 * @returns whether it was kept; false where the same request has had its effect meanwhile: give this one up
 */
export async function keepAnswer(
  tx: Transaction,
  keys: KeyRing,
  identity: RequestIdentity,
  answer: string,
  writerIds: readonly string[],
  at: Date,
): Promise<boolean> {
  await tx.delete(idempotentAnswers).where(lt(idempotentAnswers.createdAt, expiredBefore(at)));
  const id = randomUUID();
  const row = { id, ...identity, answer: keys.seal(Buffer.from(answer), idempotentAnswerRow(id)), createdAt: at };
  const kept = await tx.insert(idempotentAnswers).values(row).onConflictDoNothing().returning();
  if (kept.length === 0) return false;
  const links = [...new Set(writerIds)].map((writerId) => ({ answerId: id, writerId }));
  if (links.length > 0) await tx.insert(idempotentAnswerWriters).values(links);
  return true;
}

/** Removes what speaks of a writer. @returns what was removed, to look for afterwards */
export async function removeAnswersAbout(
  tx: Pick<Orm, 'select' | 'delete'>,
  writerId: string,
): Promise<readonly { readonly id: string; readonly answer: Uint8Array }[]> {
  const ofWriter = tx
    .select({ id: idempotentAnswerWriters.answerId })
    .from(idempotentAnswerWriters)
    .where(eq(idempotentAnswerWriters.writerId, writerId));
  const { id, answer } = idempotentAnswers;
  return tx.delete(idempotentAnswers).where(inArray(id, ofWriter)).returning({ id, answer });
}

const isOf = ({ apiKeyId, operation, keyHash }: Omit<RequestIdentity, 'requestHash'>) =>
  and(
    eq(idempotentAnswers.apiKeyId, apiKeyId),
    eq(idempotentAnswers.operation, operation),
    eq(idempotentAnswers.keyHash, keyHash),
  );

const expiredBefore = (at: Date) => new Date(at.getTime() - KEPT_MS);
