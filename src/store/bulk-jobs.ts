/**
 * Bulk work on record: a job from its beginning to its end. Who takes its items, and where, is another room's; here each
 * step is one transaction's part, with its audit row.
 */
import { randomUUID } from 'node:crypto';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import { countItems, noItems } from './bulk-counts.js';
import type { Orm, Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import { type BulkSummary, bulkItems, bulkJobs } from './schema.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export type BulkKind = (typeof bulkJobs.$inferSelect)['kind'];
export type BulkState = (typeof bulkJobs.$inferSelect)['state'];

/** Those whose items come one by one; the others are one piece of work. */
export const ITEM_KINDS: readonly BulkKind[] = ['verify', 'enrol'];
export const hasItems = ({ kind }: Pick<BulkJobRow, 'kind'>) => ITEM_KINDS.includes(kind);

/** A job without its report. */
export type BulkJobRow = Omit<typeof bulkJobs.$inferSelect, 'report' | 'reportPage'>;

export const bulkJobColumns = {
  ...{ id: bulkJobs.id, kind: bulkJobs.kind, state: bulkJobs.state, title: bulkJobs.title, actor: bulkJobs.actor },
  ...{ parameters: bulkJobs.parameters, done: bulkJobs.done, total: bulkJobs.total, summary: bulkJobs.summary },
  ...{ code: bulkJobs.code, reason: bulkJobs.reason, createdAt: bulkJobs.createdAt },
  ...{ startedAt: bulkJobs.startedAt, finishedAt: bulkJobs.finishedAt },
};

export interface NewBulkJob {
  readonly kind: BulkKind;
  readonly title: string | null;
  /** By its kind; checked by whoever asks. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One with items collects them; any other is queued at once. @returns its id */
export async function insertBulkJob(tx: Transaction, keys: KeyRing, job: NewBulkJob, by: By): Promise<string> {
  const id = randomUUID();
  const state = hasItems(job) ? ('collecting' as const) : ('queued' as const);
  await tx.insert(bulkJobs).values({ ...job, id, state, actor: by.actor, createdAt: by.at });
  await audit(tx, keys, by, 'job.created', id, { kind: job.kind });
  return id;
}

/** @param beginning - its id, or how that begins. @throws CountersignError JOB_NOT_FOUND */
export async function findBulkJob(queries: Pick<Orm, 'select'>, beginning: string): Promise<BulkJobRow> {
  const found = /^[0-9a-f-]+$/i.test(beginning)
    ? await queries
        .select(bulkJobColumns)
        .from(bulkJobs)
        .where(sql`${bulkJobs.id}::text LIKE ${`${beginning.toLowerCase()}%`}`)
        .limit(2)
    : [];
  if (found.length === 1) return found[0]!;
  const message = `Expected one job whose id begins with "${beginning}"; there are ${found.length === 0 ? 'none' : 'several'}.`;
  throw new CountersignError('JOB_NOT_FOUND', message);
}

/**
 * Nobody else changes the job until the transaction ends. Take it before writers, items and the audit log.
 *
 * @throws CountersignError JOB_NOT_FOUND; JOB_STATE where it is in none of the states
 */
export async function lockBulkJob(tx: Transaction, id: string, states: readonly BulkState[]): Promise<BulkJobRow> {
  const [job] = await tx.select(bulkJobColumns).from(bulkJobs).where(eq(bulkJobs.id, id)).for('update');
  if (job === undefined) throw new CountersignError('JOB_NOT_FOUND', `There is no job ${id}.`);
  if (states.includes(job.state)) return job;
  const message = `Expected a job that is ${states.join(' or ')}; ${id} is ${job.state}.`;
  throw new CountersignError('JOB_STATE', message, { details: { state: job.state } });
}

/** Whether the job still runs; it is not cancelled before the transaction ends. Take it before all else. */
export async function holdRunning(tx: Transaction, id: string): Promise<boolean> {
  const isRunning = and(eq(bulkJobs.id, id), eq(bulkJobs.state, 'running'));
  return (await tx.select({ id: bulkJobs.id }).from(bulkJobs).where(isRunning).for('share')).length > 0;
}

/** @throws CountersignError JOB_NOT_FOUND; JOB_STATE where it was started before, or has no items */
export async function queueBulkJob(tx: Transaction, keys: KeyRing, id: string, by: By): Promise<BulkJobRow> {
  const job = await lockBulkJob(tx, id, ['collecting']);
  if (job.total === 0) throw new CountersignError('JOB_STATE', `Expected a job with items; ${id} has none.`);
  await tx.update(bulkJobs).set({ state: 'queued' }).where(eq(bulkJobs.id, id));
  await audit(tx, keys, by, 'job.started', id, { kind: job.kind, items: job.total });
  return { ...job, state: 'queued' };
}

/**
 * What failed waits again.
 *
 * @throws CountersignError JOB_NOT_FOUND, JOB_STATE where nothing has failed
 */
export async function requeueBulkJob(tx: Transaction, keys: KeyRing, id: string, by: By): Promise<BulkJobRow> {
  const job = await lockBulkJob(tx, id, ['failed']);
  const failed = and(eq(bulkItems.jobId, id), eq(bulkItems.state, 'failed'));
  const again = { state: 'waiting' as const, attempts: 0, code: null, reason: null, updatedAt: by.at };
  const items = await tx.update(bulkItems).set(again).where(failed).returning({ position: bulkItems.position });
  const anew = { state: 'queued' as const, done: 0, summary: null, code: null, reason: null };
  await tx
    .update(bulkJobs)
    .set({ ...anew, startedAt: null, finishedAt: null })
    .where(eq(bulkJobs.id, id));
  await audit(tx, keys, by, 'job.retried', id, { items: items.length });
  return { ...job, ...anew };
}

/**
 * Nothing more comes of it: what is settled stays, and what a worker has in hand is given up. Its items are cancelled by
 * `cancelItems`, afterwards. A job that is cancelled already stays so.
 *
 * @returns the job as it was before
 * @throws CountersignError JOB_NOT_FOUND, JOB_STATE where it is done
 */
export async function cancelBulkJob(tx: Transaction, keys: KeyRing, id: string, by: By): Promise<BulkJobRow> {
  const job = await lockBulkJob(tx, id, ['collecting', 'queued', 'running', 'failed', 'cancelled']);
  if (job.state === 'cancelled') return job;
  const change = { state: 'cancelled' as const, summary: null, finishedAt: by.at };
  await tx.update(bulkJobs).set(change).where(eq(bulkJobs.id, id));
  await audit(tx, keys, by, 'job.cancelled', id, {});
  return job;
}

/** Counts the items of a job that is cancelled, once for all that ask. */
export async function summariseItems(tx: Transaction, id: string): Promise<void> {
  const { items, results } = (await countItems(tx, [id])).get(id) ?? noItems();
  await tx.update(bulkJobs).set({ summary: { items, results } }).where(eq(bulkJobs.id, id));
}

/** A worker takes of it. @returns undefined where nothing is to be done for it any more */
export async function beginBulkJob(orm: Orm, id: string, at: Date): Promise<BulkJobRow | undefined> {
  const queued = and(eq(bulkJobs.id, id), eq(bulkJobs.state, 'queued'));
  await orm.update(bulkJobs).set({ state: 'running', startedAt: at }).where(queued);
  const running = and(eq(bulkJobs.id, id), eq(bulkJobs.state, 'running'));
  return (await orm.select(bulkJobColumns).from(bulkJobs).where(running))[0];
}

/** Those that workers have to do with. */
export function openBulkJobs(queries: Pick<Orm, 'select'>): Promise<BulkJobRow[]> {
  return queries.select(bulkJobColumns).from(bulkJobs).where(isOpen);
}

const isOpen = inArray(bulkJobs.state, ['queued', 'running']);

async function lockOpen(tx: Transaction, id: string): Promise<BulkJobRow | undefined> {
  const open = and(eq(bulkJobs.id, id), isOpen);
  return (await tx.select(bulkJobColumns).from(bulkJobs).where(open).for('update'))[0];
}

/** How far a job without items is. @returns whether it still runs */
export async function noteProgress(orm: Orm, id: string, done: number, total: number): Promise<boolean> {
  const isRunning = and(eq(bulkJobs.id, id), eq(bulkJobs.state, 'running'));
  return (await orm.update(bulkJobs).set({ done, total }).where(isRunning).returning({ id: bulkJobs.id })).length > 0;
}

/** Ends a job whose items have all been seen to. @returns whether it ended by this */
export async function finishItems(tx: Transaction, keys: KeyRing, id: string, at: Date): Promise<boolean> {
  // Each chunk asks, all but the last in vain: so first without a lock that others wait for, and without counting.
  if (await hasWaiting(tx, id)) return false;
  const job = await lockOpen(tx, id);
  if (job === undefined) return false;
  const { items, results } = (await countItems(tx, [id])).get(id) ?? noItems();
  if (items.waiting > 0) return false;
  await finish(tx, keys, job, items.failed > 0 ? 'failed' : 'done', { items, results }, at);
  return true;
}

async function hasWaiting(tx: Transaction, id: string): Promise<boolean> {
  const waiting = and(eq(bulkItems.jobId, id), eq(bulkItems.state, 'waiting'));
  return (await tx.select({ position: bulkItems.position }).from(bulkItems).where(waiting).limit(1)).length > 0;
}

export interface RunOutcome extends Pick<BulkSummary, 'results' | 'unkeptPolicies'> {
  /** report.json and report.html. */
  readonly report?: { readonly json: string; readonly page: string };
}

/** Ends a job without items. @returns whether it ended by this, and was not cancelled meanwhile */
export async function finishRun(
  tx: Transaction,
  keys: KeyRing,
  id: string,
  outcome: RunOutcome | CountersignError,
  at: Date,
): Promise<boolean> {
  const job = await lockOpen(tx, id);
  if (job === undefined) return false;
  if (outcome instanceof CountersignError) {
    const { code, message: reason } = outcome;
    await tx.update(bulkJobs).set({ code, reason }).where(eq(bulkJobs.id, id));
    await finish(tx, keys, job, 'failed', { items: null, results: {} }, at);
    return true;
  }
  const { report, ...figures } = outcome;
  const reports = report && { report: report.json, reportPage: report.page };
  if (reports !== undefined) await tx.update(bulkJobs).set(reports).where(eq(bulkJobs.id, id));
  await finish(tx, keys, job, 'done', { items: null, ...figures }, at);
  return true;
}

async function finish(
  tx: Transaction,
  keys: KeyRing,
  { id, actor }: BulkJobRow,
  state: 'done' | 'failed',
  summary: BulkSummary,
  at: Date,
): Promise<void> {
  await tx.update(bulkJobs).set({ state, summary, finishedAt: at }).where(eq(bulkJobs.id, id));
  await audit(tx, keys, { at, actor }, 'job.finished', id, { ...summary.items, ...summary.results }, state);
}

async function audit(
  tx: Transaction,
  keys: KeyRing,
  by: By,
  action: string,
  id: string,
  details: AuditEntry['details'] & object,
  result?: string,
): Promise<void> {
  await appendAudit(tx, keys, { ...by, action, subjectIds: [id], details, ...(result !== undefined && { result }) });
}
