/** What came of each item of bulk work. */
import { and, asc, eq, gt } from 'drizzle-orm';
import type { Orm } from './database.js';
import { policyTitle } from './policies.js';
import { type BulkItemState, bulkItems, bulkJobs, cases, decisions } from './schema.js';

export interface BulkResult {
  /** In the order in which the items were added, from 1. */
  readonly position: number;
  /** The operator's number. */
  readonly writer: string;
  readonly label: string | null;
  readonly state: BulkItemState;
  /** `accept`, `review`, `reject`, `inconclusive`; `enrolled`, `doubtful`. Null unless it is settled. */
  readonly result: string | null;
  readonly decisionId: string | null;
  /** Where a person has to look. */
  readonly caseId: string | null;
  readonly distance: number | null;
  /** log10. */
  readonly logLikelihoodRatio: number | null;
  /** Name and version. */
  readonly policy: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  /** Of a decision, in words; the decisive one first. */
  readonly reasons: readonly string[];
  readonly referenceId: string | null;
  /** Of a refusal or failure. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly updatedAt: Date;
}

const ROWS_AT_A_TIME = 500;

/** Read a page at a time, for as many as there are. */
export async function* bulkResults(queries: Pick<Orm, 'select'>, jobId: string): AsyncGenerator<BulkResult> {
  let after = 0;
  while (true) {
    const rows = await queries
      .select({ item: withoutImage, decision: decisions, caseId: cases.id })
      .from(bulkItems)
      .leftJoin(decisions, eq(decisions.id, bulkItems.decisionId))
      .leftJoin(cases, eq(cases.decisionId, decisions.id))
      .where(and(eq(bulkItems.jobId, jobId), gt(bulkItems.position, after)))
      .orderBy(asc(bulkItems.position))
      .limit(ROWS_AT_A_TIME);
    for (const { item, decision, caseId } of rows) {
      const { policyName: name = null, policyVersion: version = null } = decision ?? {};
      yield {
        ...item,
        caseId,
        distance: decision?.distance ?? null,
        logLikelihoodRatio: decision?.logLikelihoodRatio ?? null,
        policy: name === null ? item.policy : policyTitle({ name, version: version! }),
        reasons: decision?.reasons ?? [],
      };
    }
    if (rows.length < ROWS_AT_A_TIME) return;
    after = rows.at(-1)!.item.position;
  }
}

const withoutImage = {
  ...{ position: bulkItems.position, writer: bulkItems.externalRef, label: bulkItems.label, state: bulkItems.state },
  ...{ result: bulkItems.result, decisionId: bulkItems.decisionId, referenceId: bulkItems.referenceId },
  ...{ policy: bulkItems.policy, amount: bulkItems.amount, currency: bulkItems.currency },
  ...{ code: bulkItems.code, reason: bulkItems.reason, updatedAt: bulkItems.updatedAt },
};

/** report.json and report.html of an evaluation; undefined where there is none. */
export async function bulkReport(
  queries: Pick<Orm, 'select'>,
  jobId: string,
): Promise<{ readonly json: string; readonly page: string } | undefined> {
  const { report, reportPage } = bulkJobs;
  const [row] = await queries.select({ json: report, page: reportPage }).from(bulkJobs).where(eq(bulkJobs.id, jobId));
  return row?.json == null || row.page === null ? undefined : { json: row.json, page: row.page };
}
