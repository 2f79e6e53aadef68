/** Which columns are sealed, and the name of a row that a sealed value is bound to. */
import { type SQL, sql } from 'drizzle-orm';
import type { Orm } from './database.js';

export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** Columns of the primary key, with their SQL types. */
  readonly key: Readonly<Record<string, string>>;
  /** SQL: which rows are sealed. */
  readonly where: string;
}

const REFERENCE_IMAGE = { table: 'reference_signatures', column: 'image', key: { id: 'uuid' }, where: 'true' };
const QUESTIONED_IMAGE = {
  table: 'cases',
  column: 'questioned_image',
  key: { id: 'uuid' },
  where: 'questioned_image IS NOT NULL',
};
const EMBEDDING = {
  table: 'embeddings',
  column: 'vector',
  key: { reference_id: 'uuid', model_id: 'text' },
  where: 'sealed',
};
const IDEMPOTENT_ANSWER = { table: 'idempotent_answers', column: 'answer', key: { id: 'uuid' }, where: 'true' };
const BULK_IMAGE = {
  table: 'bulk_items',
  column: 'image',
  key: { job_id: 'uuid', position: 'integer' },
  where: 'image IS NOT NULL',
};

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  REFERENCE_IMAGE,
  QUESTIONED_IMAGE,
  EMBEDDING,
  IDEMPOTENT_ANSWER,
  BULK_IMAGE,
];

/** What `KeyRing.seal` and `open` bind a value to. @param key - values of the primary key, in the column's order */
export const sealedRow = ({ table, column }: SealedColumn, key: readonly string[]) =>
  `${table}.${column}/${key.join('/')}`;

export const referenceImageRow = (referenceId: string) => sealedRow(REFERENCE_IMAGE, [referenceId]);
export const questionedImageRow = (caseId: string) => sealedRow(QUESTIONED_IMAGE, [caseId]);
export const embeddingRow = (referenceId: string, modelId: string) => sealedRow(EMBEDDING, [referenceId, modelId]);
export const idempotentAnswerRow = (answerId: string) => sealedRow(IDEMPOTENT_ANSWER, [answerId]);
export const bulkImageRow = (jobId: string, position: number) => sealedRow(BULK_IMAGE, [jobId, String(position)]);

export interface SealedValue {
  readonly key: readonly string[];
  readonly value: Buffer;
}

/** All values of the column, in the order of their keys, read a few at a time. */
export async function* sealedValues(
  queries: Pick<Orm, 'execute'>,
  column: SealedColumn,
  rowsAtATime = 100,
): AsyncGenerator<SealedValue> {
  const names = sql.raw(Object.keys(column.key).join(', '));
  let after: readonly string[] | undefined;
  while (true) {
    const { rows } = await queries.execute<Record<string, string>>(sql`
      SELECT ${names}, encode(${sql.raw(column.column)}, 'base64') AS sealed_value FROM ${sql.raw(column.table)}
      WHERE ${sql.raw(column.where)} AND ${after === undefined ? sql`true` : sql`(${names}) > (${keyValues(column, after)})`}
      ORDER BY ${names} LIMIT ${rowsAtATime}::int`);
    for (const row of rows) {
      after = Object.keys(column.key).map((name) => row[name]!);
      yield { key: after, value: Buffer.from(row.sealed_value!, 'base64') };
    }
    if (rows.length < rowsAtATime) return;
  }
}

/** SQL: the row of this key. */
export const rowOf = (column: SealedColumn, key: readonly string[]): SQL =>
  sql`(${sql.raw(Object.keys(column.key).join(', '))}) = (${keyValues(column, key)})`;

const keyValues = (column: SealedColumn, key: readonly string[]): SQL =>
  sql.join(
    Object.values(column.key).map((type, i) => sql`${key[i]}::${sql.raw(type)}`),
    sql`, `,
  );
