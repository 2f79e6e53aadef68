/** How far bulk work is, and how fast it goes. */
import { desc, sql } from 'drizzle-orm';
import { countItems, noItems } from './bulk-counts.js';
import { type BulkJobRow, type BulkState, bulkJobColumns, hasItems } from './bulk-jobs.js';
import type { Orm } from './database.js';
import { INSTANT_AND_ID, type Page, type PageRequest, pageOf, readCursor } from './page.js';
import { type BulkSummary, bulkJobs } from './schema.js';

export interface BulkJob extends Pick<BulkJobRow, 'id' | 'kind' | 'state' | 'title' | 'actor' | 'parameters'> {
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly progress: Progress;
  /** Items by what became of them, as they were counted when the job ended; null where it has none. */
  readonly items: BulkSummary['items'];
  /** Settled items by their result (`accept`, `enrolled`, …), or the figures of a job without items. */
  readonly results: BulkSummary['results'];
  /** Of one that moved the store to another model: policies that decide nothing by it, and why. */
  readonly unkeptPolicies: NonNullable<BulkSummary['unkeptPolicies']>;
  /** Why a job without items failed. */
  readonly problem: { readonly code: string; readonly reason: string } | null;
}

/** What the speed of items is measured over, back from now. */
const RECENT_MS = 30_000;

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Items of the last half minute; without items, since the start. Null where nothing was done. */
  readonly perSecond: number | null;
  /** At this speed; null without one. */
  readonly secondsLeft: number | null;
}

/** @param jobs - as they lie in the store; those that are not finished are counted now */
export async function withProgress(
  queries: Pick<Orm, 'select'>,
  jobs: readonly BulkJobRow[],
  at: Date,
): Promise<BulkJob[]> {
  const counted = jobs.filter((job) => hasItems(job) && job.summary === null);
  const since = new Date(at.getTime() - RECENT_MS);
  const counts = await countItems(
    queries,
    counted.map(({ id }) => id),
    since,
  );
  return jobs.map((job) => {
    const now = counts.get(job.id) ?? noItems();
    const { items, results } = job.summary ?? { items: hasItems(job) ? now.items : null, results: now.results };
    const { code, reason } = job;
    return {
      ...{ id: job.id, kind: job.kind, state: job.state, title: job.title, actor: job.actor },
      ...{ parameters: job.parameters, createdAt: job.createdAt, startedAt: job.startedAt, finishedAt: job.finishedAt },
      ...{ items, results, unkeptPolicies: job.summary?.unkeptPolicies ?? [] },
      ...{ problem: code === null || reason === null ? null : { code, reason } },
      progress: progressOf(job, items, now.recent, at),
    };
  });
}

function progressOf(job: BulkJobRow, items: BulkSummary['items'], recent: number, at: Date): Progress {
  const total = items === null ? job.total : Object.values(items).reduce((sum, number) => sum + number, 0);
  const done = items === null ? job.done : total - items.waiting;
  const runningMs = job.state === 'running' ? at.getTime() - job.startedAt!.getTime() : 0;
  const [seen, inMs] = items === null ? [done, runningMs] : [recent, Math.min(RECENT_MS, runningMs)];
  const perSecond = seen > 0 && inMs > 0 ? (1000 * seen) / inMs : null;
  return { done, total, perSecond, secondsLeft: perSecond === null ? null : (total - done) / perSecond };
}

export interface BulkJobFilter extends PageRequest {
  readonly at: Date;
  readonly state?: BulkState | undefined;
}

/** @returns the newest first */
export async function listBulkJobs(
  queries: Pick<Orm, 'select'>,
  { at, state, ...page }: BulkJobFilter,
): Promise<Page<BulkJob>> {
  const after = readCursor(page.cursor, INSTANT_AND_ID);
  const behind = after && sql`(${bulkJobs.createdAt}, ${bulkJobs.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  const inState = state && sql`${bulkJobs.state} = ${state}`;
  const rows = await queries
    .select(bulkJobColumns)
    .from(bulkJobs)
    .where(sql`${behind ?? sql`true`} AND ${inState ?? sql`true`}`)
    .orderBy(desc(bulkJobs.createdAt), desc(bulkJobs.id))
    .limit(page.limit + 1);
  const { items, nextCursor } = pageOf(rows, page, ({ createdAt, id }) => [createdAt.toISOString(), id]);
  return { items: await withProgress(queries, items, at), nextCursor };
}
