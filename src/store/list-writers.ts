/** Writers and their references, for people to look through. */
import { and, asc, count, eq, inArray } from 'drizzle-orm';
import { type EnrolmentState, enrolmentState } from '../verify/enrolment-state.js';
import type { Orm } from './database.js';
import { asOf, findWriter, inState, type Writer } from './find-writer.js';
import { referenceSignatures, writers } from './schema.js';
import { readEnrolmentSettings } from './settings.js';
import { countedReferences } from './writer-states.js';

export interface ListedWriter extends Writer {
  /** Numbers of references in each state. */
  readonly references: Readonly<Record<ReferenceState, number>>;
}

type ReferenceState = (typeof referenceSignatures.$inferSelect)['state'];

export interface WriterFilter {
  readonly at: Date;
  readonly state?: EnrolmentState;
  /** Only those with a doubtful reference. */
  readonly doubtful?: boolean;
  readonly limit: number;
}

/** @returns by their number, as text; and how many there are in all */
export async function listWriters(
  queries: Pick<Orm, 'select'>,
  { at, state, doubtful = false, limit }: WriterFilter,
): Promise<{ readonly total: number; readonly writers: readonly ListedWriter[] }> {
  const { writerId, state: referenceState } = referenceSignatures;
  const withDoubt = queries.select({ writerId }).from(referenceSignatures).where(eq(referenceState, 'doubtful'));
  const wanted = and(
    state === undefined ? undefined : inState(state, at),
    doubtful ? inArray(writers.id, withDoubt) : undefined,
  );
  const [counted] = await queries.select({ total: count() }).from(writers).where(wanted);
  const rows = await queries.select().from(writers).where(wanted).orderBy(asc(writers.externalRef)).limit(limit);
  const ids = rows.map(({ id }) => id);
  const numbers =
    ids.length === 0
      ? []
      : await queries
          .select({ writerId, state: referenceState, number: count() })
          .from(referenceSignatures)
          .where(inArray(writerId, ids))
          .groupBy(writerId, referenceState);
  return {
    total: counted!.total,
    writers: rows.map((row) => {
      const references = { enrolled: 0, doubtful: 0, retired: 0 };
      for (const { writerId, state, number } of numbers) if (writerId === row.id) references[state] = number;
      return { ...asOf(row, at), references };
    }),
  };
}

export type ShownReference = Pick<
  typeof referenceSignatures.$inferSelect,
  | 'id'
  | 'state'
  | 'imageHash'
  | 'quality'
  | 'capturedAt'
  | 'enrolledAt'
  | 'retiredAt'
  | 'doubt'
  | 'confirmedAt'
  | 'confirmedBy'
>;

export interface ShownWriter extends Writer {
  /** Why it is in its state. */
  readonly reason: string;
  readonly references: readonly ShownReference[];
}

/** @throws CountersignError WRITER_NOT_FOUND */
export async function showWriter(queries: Pick<Orm, 'select'>, externalRef: string, at: Date): Promise<ShownWriter> {
  const writer = await findWriter(queries, externalRef, at);
  const counted = (await countedReferences(queries, [writer.id])).get(writer.id) ?? [];
  const { reason } = enrolmentState({ ...writer, references: counted }, await readEnrolmentSettings(queries), at);
  const { id, state, imageHash, quality, capturedAt, enrolledAt, retiredAt, doubt, confirmedAt, confirmedBy } =
    referenceSignatures;
  const references = await queries
    .select({ id, state, imageHash, quality, capturedAt, enrolledAt, retiredAt, doubt, confirmedAt, confirmedBy })
    .from(referenceSignatures)
    .where(eq(referenceSignatures.writerId, writer.id))
    .orderBy(asc(enrolledAt), asc(id));
  return { ...writer, reason, references };
}
