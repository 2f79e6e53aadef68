/**
 * Embeddings as vectors of pgvector under an HNSW index: a table that is derived from `embeddings`, for the active model,
 * left out of backups and made anew where it is missing or of another model. Sealed embeddings are not in it.
 */
import { sql } from 'drizzle-orm';
import type { KnownModel } from './active-model.js';
import type { Database, Transaction } from './database.js';
import { floatsOf } from './embedding-bytes.js';

/** No table of `backup-format.ts`: what it holds is in `embeddings`. */
export const VECTOR_TABLE = 'reference_vectors';

const ROWS_AT_A_TIME = 500;
const ADVISORY_LOCK = 0x435648; // 'CVH'
/** For the building of the graph, which is many times slower once it does not fit. */
const BUILD_MEMORY = '1GB';

/**
 * Brings the index up to date; without anything new that is one query. What was interrupted goes on.
 *
 * @param onProgress - vectors taken in so far
 */
export async function refreshVectorIndex(
  database: Database,
  model: KnownModel,
  onProgress: (done: number) => void = () => undefined,
): Promise<void> {
  const { isOf, isBuilt } = await stateOf(database);
  if (isOf !== model.id) await database.transaction((tx) => begin(tx, model));
  let done = 0;
  let after: string | undefined;
  do {
    const taken = await database.transaction((tx) => takeIn(tx, model.id, after));
    done += taken.length;
    if (taken.length > 0) onProgress(done);
    after = taken.length < ROWS_AT_A_TIME ? undefined : taken.at(-1);
  } while (after !== undefined);
  if (isOf === model.id && isBuilt) return;
  await database.transaction(async (tx) => {
    await lock(tx);
    await tx.execute(sql.raw(`SET LOCAL maintenance_work_mem = '${BUILD_MEMORY}'`));
    await tx.execute(
      sql`CREATE INDEX IF NOT EXISTS reference_vectors_nearest ON reference_vectors USING hnsw (vector vector_l2_ops)`,
    );
  });
  await database.orm.execute(sql`ANALYZE reference_vectors`);
}

export interface NearVector {
  readonly referenceId: string;
  /** Euclidean. */
  readonly distance: number;
}

/** @param count - 1 .. 1,000; @returns the nearest first, most of them */
export async function nearestVectors(
  database: Database,
  embedding: Float32Array,
  count: number,
): Promise<NearVector[]> {
  return database.transaction(async (tx) => {
    await tx.execute(sql.raw(`SET LOCAL hnsw.ef_search = ${Math.max(LEAST_LIST, count)}`));
    const { rows } = await tx.execute<{ id: string; distance: number }>(sql`
      SELECT reference_id AS id, vector <-> ${literal(embedding)}::vector AS distance FROM reference_vectors
      ORDER BY vector <-> ${literal(embedding)}::vector LIMIT ${count}::int`);
    return rows.map(({ id, distance }) => ({ referenceId: id, distance }));
  });
}

/** Candidates that a search of the graph keeps in hand, 1 .. 1,000: more find more. */
const LEAST_LIST = 200;
export const MOST_VECTORS = 1000;

/** Which model's vectors the table holds, and whether the graph is there. */
async function stateOf({
  orm,
}: Pick<Database, 'orm'>): Promise<{ readonly isOf: string | null; readonly isBuilt: boolean }> {
  const { rows } = await orm.execute<{ model: string | null; built: boolean }>(sql`
    SELECT obj_description(to_regclass('reference_vectors'), 'pg_class') AS model,
      to_regclass('reference_vectors_nearest') IS NOT NULL AS built`);
  return { isOf: rows[0]!.model, isBuilt: rows[0]!.built };
}

/** An empty table, that hears from now on of each embedding of the model, with a row for each that is there. */
async function begin(tx: Transaction, { id, dimension }: KnownModel): Promise<void> {
  await lock(tx);
  const model = `'${id.replaceAll("'", "''")}'`;
  for (const statement of [
    'DROP TABLE IF EXISTS reference_vectors',
    `CREATE TABLE reference_vectors (
      reference_id uuid PRIMARY KEY REFERENCES reference_signatures ON DELETE CASCADE,
      vector vector(${dimension})
    )`,
    `COMMENT ON TABLE reference_vectors IS ${model}`,
    'ALTER TABLE reference_vectors ALTER COLUMN vector SET STATISTICS 0', // see 0009_planner.sql
    'CREATE INDEX reference_vectors_waiting ON reference_vectors (reference_id) WHERE vector IS NULL',
    `CREATE OR REPLACE FUNCTION note_embedding() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.model_id = TG_ARGV[0] AND NOT NEW.sealed THEN
        INSERT INTO reference_vectors (reference_id) VALUES (NEW.reference_id)
          ON CONFLICT (reference_id) DO UPDATE SET vector = NULL;
      END IF;
      RETURN NULL;
    END $$`,
    'DROP TRIGGER IF EXISTS embeddings_noted ON embeddings',
    `CREATE TRIGGER embeddings_noted AFTER INSERT OR UPDATE ON embeddings
      FOR EACH ROW EXECUTE FUNCTION note_embedding(${model})`,
    `INSERT INTO reference_vectors (reference_id)
      SELECT reference_id FROM embeddings WHERE model_id = ${model} AND NOT sealed`,
  ]) {
    await tx.execute(sql.raw(statement));
  }
}

/**
 * @param after - of the ids, so that no search walks over what was taken in before and is not cleaned up yet
 * @returns the ids of the references whose vectors came into the table
 */
async function takeIn(tx: Transaction, modelId: string, after: string | undefined): Promise<readonly string[]> {
  const { rows } = await tx.execute<{ id: string; bytes: string }>(sql`
    SELECT waiting.reference_id AS id, encode(e.vector, 'base64') AS bytes
    FROM reference_vectors AS waiting
    JOIN embeddings AS e ON e.reference_id = waiting.reference_id AND e.model_id = ${modelId} AND NOT e.sealed
    WHERE waiting.vector IS NULL AND ${after === undefined ? sql`true` : sql`waiting.reference_id > ${after}::uuid`}
    ORDER BY waiting.reference_id LIMIT ${ROWS_AT_A_TIME}::int FOR UPDATE OF waiting SKIP LOCKED`);
  if (rows.length === 0) return [];
  const taken = rows.map(({ id, bytes }) => ({ id, vector: literal(floatsOf(Buffer.from(bytes, 'base64'))) }));
  await tx.execute(sql`
    UPDATE reference_vectors SET vector = taken.vector::vector
    FROM json_to_recordset(${JSON.stringify(taken)}::json) AS taken (id uuid, vector text)
    WHERE reference_id = taken.id`);
  return rows.map(({ id }) => id);
}

/** Two processes do not build it at once. */
async function lock(tx: Transaction): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${ADVISORY_LOCK}::int)`);
}

/** As pgvector reads it; nine digits are a float32. */
const literal = (embedding: Float32Array) =>
  `[${Array.from(embedding, (value) => Number(value.toPrecision(9))).join(',')}]`;
