/**
 * Moves a store to a new model: its embeddings are made beside the old ones, then it becomes the active one, then the old
 * ones go. Enrolment and decisions go on with the old one until then. What is left to do is read off the rows, so an
 * interrupted move goes on where it stood, and what was enrolled meanwhile is not missed.
 */
import { randomUUID } from 'node:crypto';
import { and, asc, count, eq, exists, inArray, isNull, ne, not, or, type SQL, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { CountersignError } from '../core/errors.js';
import { activeModel, type KnownModel, requireActive } from './active-model.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm, Transaction } from './database.js';
import { storedEmbedding } from './embedding-bytes.js';
import { embeddings, jobRefusals, jobs, models, referenceSignatures, writers } from './schema.js';
import { referenceImageRow } from './sealed-columns.js';
import { holdEnrolmentSettings, readEnrolmentSettings } from './settings.js';
import type { Store } from './store.js';
import { refreshStates } from './writer-states.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface Reembedding {
  readonly jobId: string;
  readonly modelId: string;
  /** `embedding` until the new model is active, then `removing` what the old one left. */
  readonly phase: 'embedding' | 'removing';
}

const KIND = 'reembed';
const REMOVING = 'removing';

/**
 * Begins to move the store to the model, or goes on with it.
 *
 * @returns undefined where nothing is to be done: the model is the active one
 * @throws CountersignError REEMBEDDING_CONFLICT where the store is being moved to another model
 */
export function beginReembedding(
  { database, keys }: Store,
  model: KnownModel,
  by: By,
): Promise<Reembedding | undefined> {
  return database.transaction(async (tx) => {
    const job = await openJob(tx);
    if (job !== undefined) return requireSame(job, model);
    const active = await activeModel(tx);
    if (active === undefined) await requireActive(tx, keys, model, by);
    if (active === undefined || active.id === model.id) return undefined;
    const { id, dimension } = model;
    await tx.insert(models).values({ id, dimension, active: false, createdAt: by.at }).onConflictDoNothing();
    const jobId = randomUUID();
    const row = { id: jobId, kind: KIND, state: 'running' as const, modelId: id, createdAt: by.at, updatedAt: by.at };
    const total = await remaining(tx, { jobId, modelId: id });
    const begun = await tx
      .insert(jobs)
      .values({ ...row, total })
      .onConflictDoNothing()
      .returning();
    if (begun.length === 0) return requireSame((await openJob(tx))!, model); // another process was quicker
    await appendAudit(tx, keys, { ...by, action: 'reembedding.begun', subjectIds: [jobId], modelId: id });
    return { jobId, modelId: id, phase: 'embedding' };
  });
}

function requireSame(job: Reembedding, { id }: KnownModel): Reembedding {
  if (job.modelId === id) return job;
  const message = `The store is being moved to ${job.modelId}; ${id} came.`;
  throw new CountersignError('REEMBEDDING_CONFLICT', message, { details: { modelId: job.modelId } });
}

/** The move that has not come to its end, if there is one. */
export async function openJob(queries: Pick<Orm, 'select'>): Promise<Reembedding | undefined> {
  const [job] = await queries
    .select()
    .from(jobs)
    .where(and(eq(jobs.kind, KIND), isNull(jobs.writerId), inArray(jobs.state, ['queued', 'running'])));
  const phase = job?.position === REMOVING ? REMOVING : 'embedding';
  return job && { jobId: job.id, modelId: job.modelId!, phase };
}

type Move = Pick<Reembedding, 'jobId' | 'modelId'>;

/** SQL: whether the model has seen the reference. */
function seenBy(queries: Pick<Orm, 'select'>, modelId: string): SQL {
  const ofReference = and(eq(embeddings.referenceId, referenceSignatures.id), eq(embeddings.modelId, modelId));
  return exists(queries.select({ one: sql`1` }).from(embeddings).where(ofReference));
}

/** SQL: references that the new model has neither seen nor refused; retired ones are of no more use. */
function unseen(queries: Pick<Orm, 'select'>, { jobId, modelId }: Move): SQL {
  const { id, state } = referenceSignatures;
  const refused = queries
    .select({ one: sql`1` })
    .from(jobRefusals)
    .where(and(eq(jobRefusals.referenceId, id), eq(jobRefusals.jobId, jobId)));
  return and(ne(state, 'retired'), not(seenBy(queries, modelId)), not(exists(refused)))!;
}

/** @returns how many references the new model has still to see */
export async function remaining(queries: Pick<Orm, 'select'>, move: Move): Promise<number> {
  const [row] = await queries.select({ n: count() }).from(referenceSignatures).where(unseen(queries, move));
  return row!.n;
}

export interface UnseenReference {
  readonly referenceId: string;
  /** The file that was enrolled. */
  readonly image: Buffer;
}

/** @throws CountersignError KEY_MISSING, DECRYPTION_FAILED */
export async function unseenReferences(
  { database, keys }: Store,
  move: Move,
  limit: number,
): Promise<readonly UnseenReference[]> {
  const { id, image } = referenceSignatures;
  const rows = await database.orm
    .select({ id, image })
    .from(referenceSignatures)
    .where(unseen(database.orm, move))
    .orderBy(asc(id))
    .limit(limit);
  return rows.map((row) => ({ referenceId: row.id, image: keys.open(row.image, referenceImageRow(row.id)) }));
}

export interface SeenReference {
  readonly referenceId: string;
  readonly result: { readonly embedding: Float32Array } | { readonly error: CountersignError };
}

/** Puts down what the new model made of some references; those that were erased meanwhile are left out. */
export function saveSeen(
  { database, keys }: Store,
  { jobId, modelId }: Move,
  seen: readonly SeenReference[],
  at: Date,
): Promise<void> {
  return database.transaction(async (tx) => {
    const { id } = referenceSignatures;
    const ids = seen.map(({ referenceId }) => referenceId);
    // What is being erased is left out as well: waiting for it, with others locked, would stand in the erasure's way.
    const there = await tx
      .select({ id })
      .from(referenceSignatures)
      .where(inArray(id, ids))
      .for('key share', { skipLocked: true });
    const still = new Set(there.map((row) => row.id));
    await holdEnrolmentSettings(tx);
    const { sealEmbeddings: sealed } = await readEnrolmentSettings(tx);
    let done = 0;
    for (const { referenceId, result } of seen.filter(({ referenceId }) => still.has(referenceId))) {
      const inserted =
        'error' in result
          ? await tx
              .insert(jobRefusals)
              .values({ jobId, referenceId, code: result.error.code, reason: result.error.message, at })
              .onConflictDoNothing()
              .returning({ id: jobRefusals.referenceId })
          : await tx
              .insert(embeddings)
              .values({
                ...storedEmbedding(keys, { referenceId, modelId, embedding: result.embedding, sealed }),
                createdAt: at,
              })
              .onConflictDoNothing()
              .returning({ id: embeddings.referenceId });
      done += inserted.length;
    }
    await updateRunning(tx, jobId, { done: sql`${jobs.done} + ${done}::int`, updatedAt: at });
  });
}

/**
 * Makes the new model the active one, unless something was enrolled meanwhile that it has not seen. Writers who are left
 * with too few references by what it refused grow stale.
 *
 * @param keep - whether the embeddings of the old model stay
 * @returns whether it is active now
 */
export function activate({ database, keys }: Store, { jobId, modelId }: Move, keep: boolean, by: By): Promise<boolean> {
  return database.transaction(async (tx) => {
    const all = await tx.select().from(models).for('no key update'); // enrolment waits for it, decisions do not
    if ((await remaining(tx, { jobId, modelId })) > 0) return false;
    const before = all.find(({ active }) => active)?.id;
    if (before === modelId) return true; // another process was quicker
    await tx.update(models).set({ active: false }).where(eq(models.active, true));
    await tx.update(models).set({ active: true }).where(eq(models.id, modelId));
    const refused = await tx
      .select({ id: jobRefusals.referenceId })
      .from(jobRefusals)
      .where(eq(jobRefusals.jobId, jobId));
    await holdEnrolmentSettings(tx);
    const statesChanged = await refreshStates(tx, await readEnrolmentSettings(tx), by.at, touchedByMove(tx, modelId));
    const progress = keep ? { state: 'done' as const } : { position: REMOVING };
    await updateRunning(tx, jobId, { ...progress, updatedAt: by.at });
    await appendAudit(tx, keys, {
      ...{ ...by, action: 'model.activated', subjectIds: [jobId, ...refused.map(({ id }) => id)], modelId },
      details: { before, refused: refused.length, statesChanged, embeddingsKept: keep },
    });
    return true;
  });
}

/** @throws CountersignError REEMBEDDING_CONFLICT where the move was given up meanwhile: nothing more is done for it */
async function updateRunning(tx: Transaction, jobId: string, change: PgUpdateSetSource<typeof jobs>): Promise<void> {
  const running = and(eq(jobs.id, jobId), eq(jobs.state, 'running'));
  const updated = await tx.update(jobs).set(change).where(running).returning({ id: jobs.id });
  if (updated.length > 0) return;
  throw new CountersignError(
    'REEMBEDDING_CONFLICT',
    'The move to another model was given up, or has ended, meanwhile.',
  );
}

/** SQL: writers with a reference that the model has not seen, or whom the one before had not; nobody else's state depends on which is active. */
function touchedByMove(tx: Transaction, modelId: string): SQL {
  const { writerId, state } = referenceSignatures;
  const lacking = tx
    .select({ one: sql`1` })
    .from(referenceSignatures)
    .where(and(eq(writerId, writers.id), eq(state, 'enrolled'), not(seenBy(tx, modelId))));
  return or(eq(writers.state, 'stale'), exists(lacking))!;
}

/**
 * Removes some embeddings of a model that is not active.
 *
 * @param modelId - without it, of all of them
 * @returns how many; 0 when there are none left
 */
export async function removeInactive({ database }: Store, limit: number, modelId?: string): Promise<number> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.execute<{ one: number }>(sql`
      WITH old AS (
        SELECT reference_id, model_id FROM embeddings
        WHERE model_id IN (SELECT id FROM models WHERE NOT active)
          ${modelId === undefined ? sql`` : sql`AND model_id = ${modelId}`} LIMIT ${limit}::int
      )
      DELETE FROM embeddings USING old
      WHERE embeddings.reference_id = old.reference_id AND embeddings.model_id = old.model_id RETURNING 1 AS one`);
    return rows.length;
  });
}

export async function endReembedding({ database }: Store, jobId: string, at: Date): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.update(jobs).set({ state: 'done', position: null, updatedAt: at }).where(eq(jobs.id, jobId));
  });
}

export interface ReembeddingRefusal {
  readonly referenceId: string;
  readonly externalRef: string;
  readonly code: string;
  readonly reason: string;
}

/** References that the new model could not be given. */
export function refusalsOf(queries: Pick<Orm, 'select'>, jobId: string): Promise<ReembeddingRefusal[]> {
  const { referenceId, code, reason } = jobRefusals;
  return queries
    .select({ referenceId, externalRef: writers.externalRef, code, reason })
    .from(jobRefusals)
    .innerJoin(referenceSignatures, eq(referenceSignatures.id, referenceId))
    .innerJoin(writers, eq(writers.id, referenceSignatures.writerId))
    .where(eq(jobRefusals.jobId, jobId))
    .orderBy(asc(writers.externalRef), asc(referenceId));
}

/**
 * Gives up a move before the new model is active: the store stays with the old one. The embeddings made so far are removed
 * by `removeInactive`.
 *
 * @returns the move that was given up; undefined where there is none to give up
 */
export function abandonReembedding({ database, keys }: Store, by: By): Promise<Reembedding | undefined> {
  return database.transaction(async (tx) => {
    const job = await openJob(tx);
    if (job?.phase !== 'embedding') return undefined;
    const { jobId, modelId } = job;
    // The model may have become active since: then there is nothing to give up.
    const given = await tx
      .update(jobs)
      .set({ state: 'failed', problem: 'abandoned', updatedAt: by.at })
      .where(and(eq(jobs.id, jobId), eq(jobs.state, 'running'), isNull(jobs.position)))
      .returning({ id: jobs.id });
    if (given.length === 0) return undefined;
    await appendAudit(tx, keys, { ...by, action: 'reembedding.abandoned', subjectIds: [jobId], modelId });
    return job;
  });
}
