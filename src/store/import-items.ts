/**
 * An import on record: each file with what came of it. A writer's files are settled in the transaction that enrols
 * them, so an interrupted import goes on with those that wait.
 */
import { randomUUID } from 'node:crypto';
import { and, asc, count, eq, inArray, isNull, min } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { requireActive } from './active-model.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm, Transaction } from './database.js';
import type { EnrollingModel, NewWriter } from './enrol.js';
import { enrolItems, type PreparedItem } from './enrol-items.js';
import { lockWriter } from './find-writer.js';
import { importItems, imports, referenceSignatures } from './schema.js';
import type { Store } from './store.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface ImportItem extends NewWriter {
  /** The file, relative to what is imported. */
  readonly source: string;
  /** When it was written, where that is known. */
  readonly capturedAt: Date | null;
}

export interface WaitingItem extends ImportItem {
  /** From 1. */
  readonly position: number;
}

const ROWS_AT_A_TIME = 1000;

/** @returns the import of this source that has not come to its end, if there is one */
export async function unfinishedImport(queries: Pick<Orm, 'select'>, source: string): Promise<string | undefined> {
  const [row] = await queries
    .select({ id: imports.id })
    .from(imports)
    .where(and(eq(imports.source, source), isNull(imports.finishedAt)))
    .orderBy(asc(imports.startedAt));
  return row?.id;
}

/** @returns the import's id */
export function beginImport(
  { database, keys }: Store,
  source: string,
  items: readonly ImportItem[],
  by: By,
): Promise<string> {
  const id = randomUUID();
  return database.transaction(async (tx) => {
    await tx.insert(imports).values({ id, source, actor: by.actor, startedAt: by.at });
    for (let i = 0; i < items.length; i += ROWS_AT_A_TIME) {
      await tx.insert(importItems).values(
        items.slice(i, i + ROWS_AT_A_TIME).map((item, k) => ({
          ...{ ...item, importId: id, position: i + k + 1 },
          ...{ state: 'waiting' as const, updatedAt: by.at },
        })),
      );
    }
    const details = { files: items.length };
    await appendAudit(tx, keys, { ...by, action: 'import.begun', subjectIds: [id], details });
    return id;
  });
}

/** @returns numbers of writers with files that wait, in the order of their first one */
export async function waitingWriters(queries: Pick<Orm, 'select'>, importId: string): Promise<readonly string[]> {
  const rows = await queries
    .select({ externalRef: importItems.externalRef })
    .from(importItems)
    .where(waitingIn(importId))
    .groupBy(importItems.externalRef)
    .orderBy(asc(min(importItems.position)));
  return rows.map(({ externalRef }) => externalRef);
}

export function waitingItems(
  queries: Pick<Orm, 'select'>,
  importId: string,
  externalRef: string,
): Promise<WaitingItem[]> {
  const { position, source, name, capturedAt, expiresAt } = importItems;
  return queries
    .select({ position, source, externalRef: importItems.externalRef, name, capturedAt, expiresAt })
    .from(importItems)
    .where(and(waitingIn(importId), eq(importItems.externalRef, externalRef)))
    .orderBy(asc(position));
}

const waitingIn = (importId: string) => and(eq(importItems.importId, importId), eq(importItems.state, 'waiting'));

/**
 * Enrols what can be of a writer's files, and puts down what came of each. A writer who is not there is created, unless all
 * files are refused.
 *
 * @throws CountersignError MODEL_NOT_ACTIVE, AUDIT_LOG_BROKEN
 */
export async function settleItems(
  { database, keys }: Store,
  importId: string,
  writer: NewWriter,
  prepared: readonly PreparedItem[],
  model: EnrollingModel,
  by: By,
): Promise<void> {
  await database.transaction(async (tx) => {
    await requireActive(tx, keys, model, by);
    await lockWriter(tx, writer.externalRef, by.at); // before its items, as an erasure does
    const waiting = await stillWaiting(tx, importId, prepared);
    const { writerId, items } = await enrolItems(tx, keys, writer, waiting, model, by);
    for (const { position, enrolled } of items) {
      const outcome =
        enrolled instanceof CountersignError
          ? { state: 'refused' as const, code: enrolled.code, reason: enrolled.message }
          : { state: 'enrolled' as const, referenceId: enrolled.id };
      await settle(tx, importId, position, by.at, { ...outcome, writerId });
    }
  });
}

/** Another process may have settled some of them meanwhile. */
async function stillWaiting(
  tx: Transaction,
  importId: string,
  prepared: readonly PreparedItem[],
): Promise<readonly PreparedItem[]> {
  const positions = prepared.map(({ position }) => position);
  const rows = await tx
    .select({ position: importItems.position })
    .from(importItems)
    .where(and(waitingIn(importId), inArray(importItems.position, positions)))
    .for('update');
  const waiting = new Set(rows.map(({ position }) => position));
  return prepared.filter(({ position }) => waiting.has(position));
}

async function settle(
  tx: Transaction,
  importId: string,
  position: number,
  updatedAt: Date,
  outcome: Partial<typeof importItems.$inferInsert>,
): Promise<void> {
  await tx
    .update(importItems)
    .set({ ...outcome, updatedAt })
    .where(and(eq(importItems.importId, importId), eq(importItems.position, position)));
}

/** @throws CountersignError AUDIT_LOG_BROKEN */
export async function finishImport({ database, keys }: Store, importId: string, by: By): Promise<void> {
  await database.transaction(async (tx) => {
    const isOpen = and(eq(imports.id, importId), isNull(imports.finishedAt));
    const finished = await tx.update(imports).set({ finishedAt: by.at }).where(isOpen).returning({ id: imports.id });
    if (finished.length === 0) return; // by another process
    const details = await itemCounts(tx, importId);
    await appendAudit(tx, keys, { ...by, action: 'import.finished', subjectIds: [importId], details: { ...details } });
  });
}

export async function itemCounts(
  queries: Pick<Orm, 'select'>,
  importId: string,
): Promise<Record<'waiting' | 'enrolled' | 'refused', number>> {
  const rows = await queries
    .select({ state: importItems.state, number: count() })
    .from(importItems)
    .where(eq(importItems.importId, importId))
    .groupBy(importItems.state);
  const counts = { waiting: 0, enrolled: 0, refused: 0 };
  for (const { state, number } of rows) counts[state] = number;
  return counts;
}

export interface SettledItem {
  readonly source: string;
  readonly externalRef: string;
  readonly state: 'waiting' | 'enrolled' | 'doubtful' | 'refused';
  readonly referenceId: string | null;
  /** Error code of a refusal. */
  readonly code: string | null;
  /** Of a refusal, or of a doubt. */
  readonly reason: string | null;
}

/** What came of each file, in the order of the source. */
export async function settledItems(queries: Pick<Orm, 'select'>, importId: string): Promise<SettledItem[]> {
  const { source, externalRef, state, referenceId, code, reason } = importItems;
  const { doubt, state: referenceState } = referenceSignatures;
  const rows = await queries
    .select({ source, externalRef, state, referenceId, code, reason, doubt, referenceState })
    .from(importItems)
    .leftJoin(referenceSignatures, eq(referenceSignatures.id, referenceId))
    .where(eq(importItems.importId, importId))
    .orderBy(asc(importItems.position));
  return rows.map(({ doubt, referenceState, ...row }) =>
    referenceState === 'doubtful' ? { ...row, state: referenceState, reason: doubt?.reason ?? null } : row,
  );
}
