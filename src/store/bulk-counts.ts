/** Items of bulk work, counted. */
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Orm } from './database.js';
import { type BulkSummary, bulkItems, bulkJobs } from './schema.js';

export interface Counts {
  readonly items: NonNullable<BulkSummary['items']>;
  readonly results: BulkSummary['results'];
  /** Seen to since an instant. */
  readonly recent: number;
}

export const noItems = (): Counts => ({
  items: { waiting: 0, settled: 0, refused: 0, failed: 0, cancelled: 0 },
  results: {},
  recent: 0,
});

/** Items of jobs, by an index alone: about 0.1 s a million. @param since - what `recent` counts from */
export async function countItems(
  queries: Pick<Orm, 'select'>,
  jobIds: readonly string[],
  since?: Date,
): Promise<ReadonlyMap<string, Counts>> {
  const counts = new Map<string, Counts>();
  if (jobIds.length === 0) return counts;
  const { jobId, state, result, updatedAt } = bulkItems;
  const rows = await queries
    .select({
      ...{ jobId, state, result },
      number: sql<number>`count(*)::int`,
      recent: sql<number>`(count(*) FILTER (WHERE ${since === undefined ? sql`false` : sql`${updatedAt} > ${since.toISOString()}::timestamptz`}))::int`,
    })
    .from(bulkItems)
    .where(inArray(jobId, [...jobIds]))
    .groupBy(jobId, state, result);
  for (const row of rows) {
    const { items, results, recent } = counts.get(row.jobId) ?? noItems();
    counts.set(row.jobId, {
      items: { ...items, [row.state]: items[row.state] + row.number },
      results: row.result === null ? results : { ...results, [row.result]: row.number },
      recent: row.state === 'waiting' ? recent : recent + row.recent,
    });
  }
  return counts;
}

/** Of all jobs that workers have to do with. */
export async function countWaiting(queries: Pick<Orm, '$count' | 'select'>): Promise<number> {
  const open = queries
    .select({ id: bulkJobs.id })
    .from(bulkJobs)
    .where(inArray(bulkJobs.state, ['queued', 'running']));
  return queries.$count(bulkItems, and(inArray(bulkItems.jobId, open), eq(bulkItems.state, 'waiting')));
}
