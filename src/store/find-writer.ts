/** Finds a writer by the operator's own number, with the state of now. */
import { and, eq, inArray, lte, or, type SQL, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type EnrolmentState, stateAt } from '../verify/enrolment-state.js';
import type { Orm, Transaction } from './database.js';
import { writers } from './schema.js';
import { holdEnrolmentSettings } from './settings.js';

export interface Writer {
  readonly id: string;
  readonly externalRef: string;
  readonly name: string | null;
  /** At the instant that was asked for. */
  readonly state: EnrolmentState;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** When a writer who is ready will be stale, if nothing changes. */
  readonly staleFrom: Date | null;
}

/**
 * @throws CountersignError WRITER_NOT_FOUND
 *
 * @example
 * const { id, state } = await findWriter(store.database.orm, '4711', new Date());
 */
export async function findWriter(queries: Pick<Orm, 'select'>, externalRef: string, at: Date): Promise<Writer> {
  const [row] = await queries.select().from(writers).where(eq(writers.externalRef, externalRef));
  return asOf(row ?? notFound(externalRef), at);
}

/** @returns undefined where there is none */
export async function writerIdOf(queries: Pick<Orm, 'select'>, externalRef: string): Promise<string | undefined> {
  const [row] = await queries.select({ id: writers.id }).from(writers).where(eq(writers.externalRef, externalRef));
  return row?.id;
}

/**
 * The same as `findWriter`, and nobody else changes writer, references or the settings of enrolment until the transaction
 * ends.
 *
 * @returns undefined where there is none
 */
export async function lockWriter(tx: Transaction, externalRef: string, at: Date): Promise<Writer | undefined> {
  await holdEnrolmentSettings(tx);
  const [row] = await tx.select().from(writers).where(eq(writers.externalRef, externalRef)).for('update');
  return row && asOf(row, at);
}

/**
 * Several writers, by their numbers, whom nobody changes or erases until the transaction ends; others may read and share
 * them meanwhile. Locked in one order, so that no two transactions wait for each other.
 */
export async function shareWriters(
  tx: Transaction,
  externalRefs: readonly string[],
  at: Date,
): Promise<ReadonlyMap<string, Writer>> {
  if (externalRefs.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(writers)
    .where(inArray(writers.externalRef, [...externalRefs]))
    .orderBy(sql`${writers.externalRef} COLLATE "C"`)
    .for('share');
  return new Map(rows.map((row) => [row.externalRef, asOf(row, at)]));
}

/** SQL: writers who are in this state at the instant. */
export function inState(state: EnrolmentState, at: Date): SQL {
  const aged = and(eq(writers.state, 'ready'), lte(writers.staleFrom, at))!;
  if (state === 'stale') return or(eq(writers.state, 'stale'), aged)!;
  return state === 'ready' ? and(eq(writers.state, 'ready'), sql`${aged} IS NOT TRUE`)! : eq(writers.state, state);
}

export function asOf(row: typeof writers.$inferSelect, at: Date): Writer {
  return { ...row, state: stateAt(row, at) };
}

export function notFound(externalRef: string): never {
  throw new CountersignError('WRITER_NOT_FOUND', `There is no writer ${externalRef} in the store.`);
}
