/**
 * Rewrites what held the rows of erased writers. Until that is done, it is on record that it waits: an erasure that was
 * interrupted, or that left it for later, is brought to its end by the next one.
 */
import { randomUUID } from 'node:crypto';
import { and, asc, eq, gte, isNull, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm, Transaction } from './database.js';
import { auditLog, jobs } from './schema.js';
import { type FileHit, type FileSearch, type Needle, searchFolder } from './search.js';
import type { Store } from './store.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

/** What the audit log calls an erasure; its subjects are the ids of the writer and of the references. */
export const ERASED = 'writer.erased';
const KIND = 'compact';
/** Its position is the first erasure that waits, by its number in the audit log. */
const openJob = and(eq(jobs.kind, KIND), isNull(jobs.writerId), eq(jobs.state, 'running'));

export interface CompactionReport {
  /** That waited for it. */
  readonly erasures: number;
  /** Of an embedded folder, for the ids of rows that were removed; a server's files are its operator's. */
  readonly searched: { readonly ids: number; readonly files: number; readonly bytes: number } | null;
}

/** @throws CountersignError ERASURE_INCOMPLETE where an id of a removed row is still in a file, AUDIT_LOG_BROKEN */
export async function compactStore(store: Store, by: By): Promise<CompactionReport> {
  const { erasures, ids, inFiles } = await rewriteTables(store, by, []);
  if (inFiles !== undefined && inFiles.hits.length > 0) throw incomplete(inFiles.hits.map(placeOf));
  return { erasures, searched: inFiles ? { ids, files: inFiles.files, bytes: inFiles.bytes } : null };
}

export interface Rewriting {
  readonly erasures: number;
  /** Ids of removed rows that were sought. */
  readonly ids: number;
  /** Undefined on a server. */
  readonly inFiles: FileSearch | undefined;
}

/**
 * On a server others wait for each table meanwhile.
 *
 * @param needles - to look for in the files of a folder besides
 */
export async function rewriteTables(store: Store, by: By, needles: readonly Needle[]): Promise<Rewriting> {
  const { database } = store;
  const due = await erasuresDue(database.orm);
  await database.compact();
  const ids = [...new Set(due.flatMap(({ subjectIds }) => subjectIds))];
  const { location } = database;
  const sought = [...needles, ...ids.map((id) => idInRow(`the row ${id}`, id))];
  const inFiles = location.kind === 'folder' ? await searchFolder(location.folder, sought) : undefined;
  if (inFiles === undefined || inFiles.hits.length === 0) await end(store, due, by);
  return { erasures: due.length, ids: ids.length, inFiles };
}

/** As rows of the database hold an id; the audit log, which keeps it, holds it as text. */
export function idInRow(what: string, id: string): Needle {
  return { what, bytes: Buffer.from(id.replaceAll('-', ''), 'hex'), isText: false };
}

export const placeOf = ({ needle, file, offset }: FileHit) => `${needle.what} in ${file}, byte ${offset}`;

export function incomplete(places: readonly string[]): CountersignError {
  const message = `After the erasure there still is ${places.join('; ')}.`;
  return new CountersignError('ERASURE_INCOMPLETE', message, { details: { places } });
}

/** In the transaction of an erasure, or of a change that seals. @param seq - the number of its first row in the audit log */
export async function recordDue(tx: Transaction, seq: number, { at }: By): Promise<void> {
  const row = { id: randomUUID(), kind: KIND, state: 'running' as const, createdAt: at, updatedAt: at };
  await tx
    .insert(jobs)
    .values({ ...row, position: String(seq) })
    // Locks the job that is there, so that it does not end meanwhile without this erasure.
    .onConflictDoUpdate({
      target: jobs.kind,
      targetWhere: sql`writer_id IS NULL AND state IN ('queued', 'running')`,
      set: { updatedAt: at },
    });
}

/** Whether files may hold bytes that were removed from the tables, by erasures or by the sealing of what was open. */
export async function isCompactionDue(queries: Pick<Orm, 'select'>): Promise<boolean> {
  return (await queries.select({ id: jobs.id }).from(jobs).where(openJob)).length > 0;
}

/** Erasures whose rows may still be in the files of the database, in their order. */
export async function erasuresDue(
  queries: Pick<Orm, 'select'>,
): Promise<readonly Pick<typeof auditLog.$inferSelect, 'seq' | 'subjectIds'>[]> {
  const [job] = await queries.select({ from: jobs.position }).from(jobs).where(openJob);
  if (job === undefined) return [];
  const { seq, subjectIds, action } = auditLog;
  return queries
    .select({ seq, subjectIds })
    .from(auditLog)
    .where(and(eq(action, ERASED), gte(seq, Number(job.from))))
    .orderBy(asc(seq));
}

async function end({ database, keys }: Store, done: Awaited<ReturnType<typeof erasuresDue>>, by: By): Promise<void> {
  await database.transaction(async (tx) => {
    await appendAudit(tx, keys, { ...by, action: 'store.compacted', details: { erasures: done.length } });
    await tx.select({ id: jobs.id }).from(jobs).where(openJob).for('update');
    const last = done.at(-1)?.seq ?? 0;
    const left = (await erasuresDue(tx)).find(({ seq }) => seq > last); // another erased meanwhile
    const change = left === undefined ? { state: 'done' as const } : { position: String(left.seq) };
    await tx
      .update(jobs)
      .set({ ...change, updatedAt: by.at })
      .where(openJob);
  });
}
