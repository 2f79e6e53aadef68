/** Items of bulk work, from when they are added until what came of each is put down. */
import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type BulkJobRow, hasItems, lockBulkJob, summariseItems } from './bulk-jobs.js';
import type { Database, Orm, Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import { bulkItems, bulkJobs } from './schema.js';
import { bulkImageRow } from './sealed-columns.js';
import type { Store } from './store.js';

type Row = typeof bulkItems.$inferSelect;

export interface NewBulkItem {
  /** The operator's number of the writer. */
  readonly externalRef: string;
  /** The file, or why there is none: then the item is refused as it comes in. */
  readonly image: Uint8Array | CountersignError;
  /** What the caller calls the item. */
  readonly label?: string | undefined;
  /** Of a verification: name of a policy, and what is at stake. */
  readonly policy?: string | undefined;
  readonly amount?: string | undefined;
  readonly currency?: string | undefined;
  /** Of an enrolment: the writer's name and when the enrolment expires, for one who is not there yet; when it was written. */
  readonly name?: string | undefined;
  readonly expiresAt?: Date | undefined;
  readonly capturedAt?: Date | undefined;
}

/** Places of a job's items, both ends included. */
export interface ItemRange {
  readonly from: number;
  readonly to: number;
}

const ROWS_AT_A_TIME = 100;
const CANCELLED_AT_A_TIME = 1000;

/**
 * @returns their places
 * @throws CountersignError JOB_NOT_FOUND; JOB_STATE where the job has been started, or has no items
 */
export async function addBulkItems(
  tx: Transaction,
  keys: KeyRing,
  jobId: string,
  items: readonly NewBulkItem[],
  at: Date,
): Promise<ItemRange> {
  const job = await lockBulkJob(tx, jobId, ['collecting']);
  if (!hasItems(job)) throw new CountersignError('JOB_STATE', `A job of kind ${job.kind} has no items.`);
  for (let i = 0; i < items.length; i += ROWS_AT_A_TIME) {
    const rows = items.slice(i, i + ROWS_AT_A_TIME).map(({ image, ...item }, k) => {
      const position = job.total + i + k + 1;
      const added =
        image instanceof CountersignError
          ? { state: 'refused' as const, code: image.code, reason: image.message }
          : { state: 'waiting' as const, image: keys.seal(image, bulkImageRow(jobId, position)) };
      return { ...item, ...added, jobId, position, updatedAt: at };
    });
    await tx.insert(bulkItems).values(rows);
  }
  const total = job.total + items.length;
  await tx.update(bulkJobs).set({ total }).where(eq(bulkJobs.id, jobId));
  return { from: job.total + 1, to: total };
}

/** SQL: where the first of the job's items of this writer lies. */
const firstOfWriter = sql`(
  SELECT min(first.position) FROM bulk_items AS first
  WHERE first.job_id = ${bulkItems.jobId} AND first.external_ref = ${bulkItems.externalRef})`;

/**
 * SQL: the items that go with a range. A writer is enrolled as a whole, so all items of the writers whose first item lies in
 * it; else those that lie in it themselves.
 */
function ofRange({ id, kind }: Pick<BulkJobRow, 'id' | 'kind'>, { from, to }: ItemRange): SQL {
  const { jobId, position, externalRef } = bulkItems;
  const inside = and(eq(jobId, id), sql`${position} BETWEEN ${from}::int AND ${to}::int`)!;
  if (kind === 'verify') return inside;
  return and(
    eq(jobId, id),
    sql`${externalRef} IN (SELECT ${externalRef} FROM ${bulkItems} WHERE ${inside} AND ${firstOfWriter} >= ${from}::int)`,
  )!;
}

/** The ranges, of so many places each, that items wait in. */
export async function waitingRanges(
  queries: Pick<Orm, 'execute'>,
  { id, kind }: Pick<BulkJobRow, 'id' | 'kind'>,
  size: number,
): Promise<readonly ItemRange[]> {
  const place = kind === 'verify' ? sql`position` : sql`min(position) OVER (PARTITION BY external_ref)`;
  const { rows } = await queries.execute<{ range: number }>(sql`
    SELECT DISTINCT (place - 1) / ${size}::int AS range
    FROM (SELECT state, ${place} AS place FROM bulk_items WHERE job_id = ${id}::uuid) AS items
    WHERE state = 'waiting' ORDER BY range`);
  return rows.map(({ range }) => ({ from: range * size + 1, to: (range + 1) * size }));
}

export interface WaitingItem
  extends Pick<Row, 'position' | 'externalRef' | 'label' | 'policy' | 'amount' | 'currency'>,
    Pick<Row, 'name' | 'capturedAt' | 'expiresAt'> {
  /** Of the image, in bytes. */
  readonly bytes: number;
}

/** @returns those that were tried least first, so that one that always fails does not keep the others waiting */
export function waitingItems(
  queries: Pick<Orm, 'select'>,
  job: Pick<BulkJobRow, 'id' | 'kind'>,
  range: ItemRange,
): Promise<WaitingItem[]> {
  const { position, externalRef, label, policy, amount, currency, name, capturedAt, expiresAt, image } = bulkItems;
  return queries
    .select({
      ...{ position, externalRef, label, policy, amount, currency, name, capturedAt, expiresAt },
      bytes: sql<number>`octet_length(${image})`,
    })
    .from(bulkItems)
    .where(and(ofRange(job, range), eq(bulkItems.state, 'waiting')))
    .orderBy(asc(bulkItems.attempts), asc(position));
}

/** The files of items, in their order. @throws ItemsChanged, CountersignError KEY_MISSING, DECRYPTION_FAILED */
export async function itemImages(
  { database, keys }: Store,
  jobId: string,
  positions: readonly number[],
): Promise<readonly Buffer[]> {
  const { position, image } = bulkItems;
  const rows = await database.orm.select({ position, image }).from(bulkItems).where(atPlaces(jobId, positions));
  const images = new Map(rows.map((row) => [row.position, row.image]));
  return positions.map((place) => {
    const sealed = images.get(place);
    if (!sealed) throw new ItemsChanged();
    return keys.open(sealed, bulkImageRow(jobId, place));
  });
}

const atPlaces = (jobId: string, positions: readonly number[]) =>
  and(eq(bulkItems.jobId, jobId), inArray(bulkItems.position, [...positions]));

const waitingAt = (jobId: string, positions: readonly number[]) =>
  and(atPlaces(jobId, positions), eq(bulkItems.state, 'waiting'));

/** Others settled, cancelled or erased some of the items meanwhile: give this up and look again. */
export class ItemsChanged extends Error {
  constructor() {
    super('items changed meanwhile');
  }
}

export type ItemOutcome = { readonly position: number } & (
  | { readonly state: 'settled'; readonly result: string; readonly decisionId: string }
  | { readonly state: 'settled'; readonly result: string; readonly referenceId: string }
  | { readonly state: 'refused'; readonly code: string; readonly reason: string }
);

/**
 * Puts down what came of items, in the transaction that it came of: each of them waits until then, so nothing is done for
 * one of them twice.
 *
 * @throws ItemsChanged, where one of them does not
 */
export async function settleBulkItems(
  tx: Transaction,
  jobId: string,
  outcomes: readonly ItemOutcome[],
  at: Date,
): Promise<void> {
  const { rows } = await tx.execute<{ position: number }>(sql`
    UPDATE bulk_items AS item
    SET state = came.state, result = came.result, decision_id = came."decisionId", reference_id = came."referenceId",
      code = came.code, reason = came.reason, image = NULL, updated_at = ${at.toISOString()}::timestamptz
    FROM json_to_recordset(${JSON.stringify(outcomes)}::json) AS came
      (position int, state text, result text, "decisionId" uuid, "referenceId" uuid, code text, reason text)
    WHERE item.job_id = ${jobId}::uuid AND item.position = came.position AND item.state = 'waiting'
    RETURNING item.position`);
  if (rows.length < outcomes.length) throw new ItemsChanged();
}

/** One more attempt begins; put down before it, since it may take the process with it. */
export async function noteAttempt(orm: Orm, jobId: string, positions: readonly number[]): Promise<void> {
  await orm
    .update(bulkItems)
    .set({ attempts: sql`${bulkItems.attempts} + 1` })
    .where(waitingAt(jobId, positions));
}

/** What an attempt came to that may go well another time. */
export async function noteTrouble(
  orm: Orm,
  jobId: string,
  positions: readonly number[],
  { code, message: reason }: Pick<CountersignError, 'code' | 'message'>,
): Promise<void> {
  await orm.update(bulkItems).set({ code, reason }).where(waitingAt(jobId, positions));
}

/** Gives up those that still wait. @returns how many */
export async function failItems(
  orm: Orm,
  job: Pick<BulkJobRow, 'id' | 'kind'>,
  range: ItemRange,
  unlessKnown: Pick<CountersignError, 'code' | 'message'>,
  at: Date,
): Promise<number> {
  const { code, reason, position } = bulkItems;
  const failed = await orm
    .update(bulkItems)
    .set({
      ...{ state: 'failed', updatedAt: at },
      code: sql`coalesce(${code}, ${unlessKnown.code})`,
      reason: sql`coalesce(${reason}, ${unlessKnown.message})`,
    })
    .where(and(ofRange(job, range), eq(bulkItems.state, 'waiting')))
    .returning({ position });
  return failed.length;
}

/** Of a cancelled job: items that wait or failed, and their images. A few at a time. @returns how many; 0 at the end */
async function cancelSome(orm: Orm, jobId: string, at: Date): Promise<number> {
  const some = orm
    .select({ position: bulkItems.position })
    .from(bulkItems)
    .where(and(eq(bulkItems.jobId, jobId), inArray(bulkItems.state, ['waiting', 'failed'])))
    .limit(CANCELLED_AT_A_TIME);
  const cancelled = await orm
    .update(bulkItems)
    .set({ state: 'cancelled', image: null, updatedAt: at })
    .where(and(eq(bulkItems.jobId, jobId), inArray(bulkItems.position, some)))
    .returning({ position: bulkItems.position });
  return cancelled.length;
}

/** Of a job that is cancelled: what waits or has failed is cancelled with it, and its images go; then all are counted. */
export async function cancelItems({ orm, transaction }: Database, jobId: string, at: Date): Promise<void> {
  while ((await cancelSome(orm, jobId, at)) > 0);
  await transaction((tx) => summariseItems(tx, jobId));
}

/** Ids of cancelled jobs with items that are not: whoever cancelled them was interrupted. */
export async function cancelledWithItems(queries: Pick<Orm, 'selectDistinct'>): Promise<readonly string[]> {
  const rows = await queries
    .selectDistinct({ id: bulkItems.jobId })
    .from(bulkItems)
    .innerJoin(bulkJobs, eq(bulkJobs.id, bulkItems.jobId))
    .where(and(eq(bulkJobs.state, 'cancelled'), inArray(bulkItems.state, ['waiting', 'failed'])));
  return rows.map(({ id }) => id);
}
