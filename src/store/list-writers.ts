/** Writers and their references, for people to look through. */
import { type AnyColumn, and, asc, count, eq, gt, inArray, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type EnrolmentState, enrolmentState } from '../verify/enrolment-state.js';
import type { Orm } from './database.js';
import { asOf, findWriter, inState, type Writer } from './find-writer.js';
import { type Page, type PageRequest, pageOf, readCursor } from './page.js';
import { referenceSignatures, writers } from './schema.js';
import { readEnrolmentSettings } from './settings.js';
import { countedReferences } from './writer-states.js';

export interface ListedWriter extends Writer {
  /** Numbers of references in each state. */
  readonly references: Readonly<Record<ReferenceState, number>>;
}

type ReferenceState = (typeof referenceSignatures.$inferSelect)['state'];

export interface WriterFilter extends PageRequest {
  readonly at: Date;
  readonly state?: EnrolmentState | undefined;
  /** Only those with a doubtful reference. */
  readonly doubtful?: boolean | undefined;
  /** How number or name begins, in capitals or not. */
  readonly search?: string | undefined;
}

/** @returns by their number, as text. @throws CountersignError INVALID_ARGUMENT for a cursor of another list */
export async function listWriters(
  queries: Pick<Orm, 'select'>,
  { at, state, doubtful = false, search, ...page }: WriterFilter,
): Promise<Page<ListedWriter>> {
  const [after] = readCursor(page.cursor, z.tuple([z.string().refine((number) => !number.includes('\0'))])) ?? [];
  const { writerId, state: referenceState } = referenceSignatures;
  const withDoubt = queries.select({ writerId }).from(referenceSignatures).where(eq(referenceState, 'doubtful'));
  const rows = await queries
    .select()
    .from(writers)
    .where(
      and(
        state === undefined ? undefined : inState(state, at),
        doubtful ? inArray(writers.id, withDoubt) : undefined,
        search === undefined ? undefined : or(begins(writers.externalRef, search), begins(writers.name, search)),
        after === undefined ? undefined : gt(writers.externalRef, after),
      ),
    )
    .orderBy(asc(writers.externalRef))
    .limit(page.limit + 1);
  const { items, nextCursor } = pageOf(rows, page, ({ externalRef }) => [externalRef]);
  const numbers = await countReferences(
    queries,
    items.map(({ id }) => id),
  );
  return { items: items.map((row) => ({ ...asOf(row, at), references: numbers(row.id) })), nextCursor };
}

/** SQL: served by the indices on lower(external_ref) and lower(name). */
const begins = (column: AnyColumn, text: string) =>
  sql`lower(${column}) LIKE lower(${`${text.replace(/[\\%_]/g, '\\$&')}%`})`;

/** @returns by the writer's id */
async function countReferences(queries: Pick<Orm, 'select'>, writerIds: readonly string[]) {
  const { writerId, state } = referenceSignatures;
  const rows =
    writerIds.length === 0
      ? []
      : await queries
          .select({ writerId, state, number: count() })
          .from(referenceSignatures)
          .where(inArray(writerId, [...writerIds]))
          .groupBy(writerId, state);
  return (id: string): ListedWriter['references'] => {
    const references = { enrolled: 0, doubtful: 0, retired: 0 };
    for (const { writerId, state, number } of rows) if (writerId === id) references[state] = number;
    return references;
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
