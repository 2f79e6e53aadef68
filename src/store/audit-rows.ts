/** Rows of the audit log, for people and other programs to read. */
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { AuditRow } from './audit-log.js';
import type { Orm } from './database.js';
import { type Page, type PageRequest, pageOf, readCursor } from './page.js';
import { auditLog } from './schema.js';

export interface AuditFilter extends PageRequest {
  /** `oldest`: in the order in which they were written, for whoever follows the log. */
  readonly order: 'newest' | 'oldest';
  /** Only rows behind this number. */
  readonly after?: number | undefined;
  /** What was done, as `writer.enrolled`. */
  readonly action?: string | undefined;
  /** Id of a writer, reference, decision, case, job. */
  readonly subject?: string | undefined;
}

/** @throws CountersignError INVALID_ARGUMENT for a cursor of another list */
export async function listAudit(
  queries: Pick<Orm, 'select'>,
  { order, after, action, subject, ...page }: AuditFilter,
): Promise<Page<AuditRow>> {
  const { seq, subjectIds } = auditLog;
  const [last] = readCursor(page.cursor, z.tuple([z.int()])) ?? [];
  const [direction, beyond] = order === 'newest' ? [desc, lt] : [asc, gt];
  const rows = await queries
    .select()
    .from(auditLog)
    .where(
      and(
        after === undefined ? undefined : gt(seq, after),
        action === undefined ? undefined : eq(auditLog.action, action),
        subject === undefined ? undefined : sql`${subjectIds} @> ${JSON.stringify([subject])}::jsonb`,
        last === undefined ? undefined : beyond(seq, last),
      ),
    )
    .orderBy(direction(seq))
    .limit(page.limit + 1);
  return pageOf(rows, page, (row) => [row.seq]);
}
