/** Rows of the audit log, for people to read. */
import { desc, sql } from 'drizzle-orm';
import type { AuditRow } from './audit-log.js';
import type { Orm } from './database.js';
import { auditLog } from './schema.js';

export interface AuditFilter {
  /** Id of a writer, reference, decision, case, job. */
  readonly subjectId?: string;
  readonly limit: number;
}

/** @returns the newest, in the order in which they were written */
export async function auditRows(
  queries: Pick<Orm, 'select'>,
  { subjectId, limit }: AuditFilter,
): Promise<readonly AuditRow[]> {
  const isSubject = subjectId && sql`${auditLog.subjectIds} @> ${JSON.stringify([subjectId])}::jsonb`;
  const rows = await queries
    .select()
    .from(auditLog)
    .where(isSubject || undefined)
    .orderBy(desc(auditLog.seq))
    .limit(limit);
  return rows.reverse();
}
