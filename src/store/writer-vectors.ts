/**
 * A vector of pgvector for each writer, under an HNSW index: the mean of the embeddings of the enrolled references, by which
 * writers come in nearly the order that comparing with all their references gives. A table that is derived from `embeddings`,
 * for the active model, left out of backups and made anew where it is missing or of another model. A writer with sealed
 * embeddings, or with no reference for now, has a row without a vector.
 */
import { sql } from 'drizzle-orm';
import type { KnownModel } from './active-model.js';
import type { Database, Orm, Transaction } from './database.js';
import { floatsOf } from './embedding-bytes.js';

/** No table of `backup-format.ts`: what it holds is in `embeddings`. */
export const VECTOR_TABLE = 'writer_vectors';

const WRITERS_AT_A_TIME = 200;
const ADVISORY_LOCK = 0x435648; // 'CVH'
/** For the building of the graph, which is many times slower once it does not fit: 100,000 writers take a quarter of a GB. */
export const BUILD_MEMORY = '1GB';

/**
 * Brings the index up to date; without anything new that is two queries. What was interrupted goes on.
 *
 * @param onProgress - writers taken in so far
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
    after = taken.length < WRITERS_AT_A_TIME ? undefined : taken.at(-1);
  } while (after !== undefined);
  if (isOf === model.id && isBuilt) return;
  await database.transaction(async (tx) => {
    await lock(tx);
    await tx.execute(sql.raw(`SET LOCAL maintenance_work_mem = '${BUILD_MEMORY}'`));
    await tx.execute(
      sql`CREATE INDEX IF NOT EXISTS writer_vectors_nearest ON writer_vectors USING hnsw (vector vector_l2_ops)`,
    );
  });
  await database.orm.execute(sql`ANALYZE writer_vectors`);
}

/** @param count - 1 .. `MOST_VECTORS`; @returns ids of writers in any state, the nearest first, most of them */
export async function nearestVectors(
  database: Database,
  embedding: Float32Array,
  count: number,
): Promise<readonly string[]> {
  return database.transaction(async (tx) => {
    await tx.execute(sql.raw(`SET LOCAL hnsw.ef_search = ${Math.max(LEAST_LIST, count)}`));
    const { rows } = await tx.execute<{ id: string }>(sql`
      SELECT writer_id AS id FROM writer_vectors WHERE vector IS NOT NULL
      ORDER BY vector <-> ${literal(embedding)}::vector LIMIT ${count}::int`);
    return rows.map(({ id }) => id);
  });
}

/** Candidates that a search of the graph keeps in hand, 1 .. 1,000: more find more. */
const LEAST_LIST = 200;
export const MOST_VECTORS = 1000;

/** Those whom no vector stands for, or none yet: what changes meanwhile is not left out. @returns ids after `after`, in their order */
export async function writersWithoutVector(
  queries: Pick<Orm, 'execute'>,
  after: string | undefined,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await queries.execute<{ id: string }>(sql`
    SELECT writer_id AS id FROM writer_vectors
    WHERE vector IS NULL AND ${after === undefined ? sql`true` : sql`writer_id > ${after}::uuid`}
    ORDER BY writer_id LIMIT ${limit}::int`);
  return rows.map(({ id }) => id);
}

/** The vector of one writer, as bytes of the table's files hold it. @returns undefined where there is none */
export async function vectorOf(queries: Pick<Orm, 'execute'>, writerId: string): Promise<Uint8Array | undefined> {
  const there = await queries.execute<{ is: boolean }>(sql`SELECT to_regclass('writer_vectors') IS NOT NULL AS is`);
  if (!there.rows[0]!.is) return undefined;
  const { rows } = await queries.execute<{ vector: string }>(sql`
    SELECT vector::text AS vector FROM writer_vectors WHERE writer_id = ${writerId}::uuid AND vector IS NOT NULL`);
  return rows[0] && new Uint8Array(Float32Array.from(JSON.parse(rows[0].vector) as number[]).buffer);
}

/** Which model's vectors the table holds, and whether the graph is there. */
async function stateOf({
  orm,
}: Pick<Database, 'orm'>): Promise<{ readonly isOf: string | null; readonly isBuilt: boolean }> {
  const { rows } = await orm.execute<{ model: string | null; built: boolean }>(sql`
    SELECT obj_description(to_regclass('writer_vectors'), 'pg_class') AS model,
      to_regclass('writer_vectors_nearest') IS NOT NULL AS built`);
  return { isOf: rows[0]!.model, isBuilt: rows[0]!.built };
}

/**
 * An empty table that hears from now on of what changes a writer's mean, with a row for each writer who is there. Tables are
 * locked in the order in which enrolment writes to them.
 */
async function begin(tx: Transaction, { id, dimension }: KnownModel): Promise<void> {
  await lock(tx);
  const model = `'${id.replaceAll("'", "''")}'`;
  for (const statement of [
    'DROP TABLE IF EXISTS writer_vectors',
    `CREATE TABLE writer_vectors (
      writer_id uuid PRIMARY KEY REFERENCES writers ON DELETE CASCADE,
      vector vector(${dimension}),
      waiting boolean NOT NULL DEFAULT true
    )`,
    `COMMENT ON TABLE writer_vectors IS ${model}`,
    'ALTER TABLE writer_vectors ALTER COLUMN vector SET STATISTICS 0', // see 0009_planner.sql
    'CREATE INDEX writer_vectors_none ON writer_vectors (waiting, writer_id) WHERE vector IS NULL',
    `CREATE OR REPLACE FUNCTION note_reference() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR NEW.state <> OLD.state THEN
        UPDATE writer_vectors SET vector = NULL, waiting = true WHERE writer_id = OLD.writer_id;
      END IF;
      RETURN NULL;
    END $$`,
    // Not of the column `state` alone: `forgetStatistics` could not touch that column then.
    'DROP TRIGGER IF EXISTS references_noted ON reference_signatures',
    `CREATE TRIGGER references_noted AFTER UPDATE OR DELETE ON reference_signatures
      FOR EACH ROW EXECUTE FUNCTION note_reference()`,
    `CREATE OR REPLACE FUNCTION note_embedding() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.model_id = TG_ARGV[0] THEN
        INSERT INTO writer_vectors (writer_id)
          SELECT writer_id FROM reference_signatures WHERE id = NEW.reference_id
          ON CONFLICT (writer_id) DO UPDATE SET vector = NULL, waiting = true;
      END IF;
      RETURN NULL;
    END $$`,
    'DROP TRIGGER IF EXISTS embeddings_noted ON embeddings',
    `CREATE TRIGGER embeddings_noted AFTER INSERT OR UPDATE ON embeddings
      FOR EACH ROW EXECUTE FUNCTION note_embedding(${model})`,
    'INSERT INTO writer_vectors (writer_id) SELECT id FROM writers',
  ]) {
    await tx.execute(sql.raw(statement));
  }
}

/**
 * @param after - of the ids, so that no search walks over what was taken in before and is not cleaned up yet
 * @returns the ids of the writers whose rows are what their references say
 */
async function takeIn(tx: Transaction, modelId: string, after: string | undefined): Promise<readonly string[]> {
  const waiting = await tx.execute<{ id: string }>(sql`
    SELECT writer_id AS id FROM writer_vectors
    WHERE vector IS NULL AND waiting AND ${after === undefined ? sql`true` : sql`writer_id > ${after}::uuid`}
    ORDER BY writer_id LIMIT ${WRITERS_AT_A_TIME}::int FOR UPDATE SKIP LOCKED`);
  const ids = waiting.rows.map(({ id }) => id);
  if (ids.length === 0) return [];
  // A query of its own, which sees all that was committed before the rows were locked.
  const { rows } = await tx.execute<{ id: string; bytes: string | null }>(sql`
    SELECT r.writer_id AS id, CASE WHEN NOT e.sealed THEN encode(e.vector, 'base64') END AS bytes
    FROM reference_signatures AS r JOIN embeddings AS e ON e.reference_id = r.id AND e.model_id = ${modelId}
    WHERE r.state = 'enrolled' AND r.writer_id IN (SELECT json_array_elements_text(${JSON.stringify(ids)}::json)::uuid)`);
  const references = new Map<string, (string | null)[]>(ids.map((id) => [id, []]));
  for (const { id, bytes } of rows) references.get(id)!.push(bytes);
  const taken = [...references].map(([id, own]) => ({ id, vector: meanOf(own) }));
  await tx.execute(sql`
    UPDATE writer_vectors SET vector = taken.vector::vector, waiting = false
    FROM json_to_recordset(${JSON.stringify(taken)}::json) AS taken (id uuid, vector text)
    WHERE writer_id = taken.id`);
  return ids;
}

/** @param references - base64; null what is sealed. @returns null where one of them is, or there is none */
function meanOf(references: readonly (string | null)[]): string | null {
  const embeddings: Float32Array[] = [];
  for (const bytes of references) {
    if (bytes === null) return null;
    embeddings.push(floatsOf(Buffer.from(bytes, 'base64')));
  }
  const [first] = embeddings;
  if (first === undefined) return null;
  return literal(
    first.map((_, i) => embeddings.reduce((sum, embedding) => sum + embedding[i]!, 0) / embeddings.length),
  );
}

/** Two processes do not build it at once. */
async function lock(tx: Transaction): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${ADVISORY_LOCK}::int)`);
}

/** As pgvector reads it; nine digits are a float32. */
const literal = (embedding: Float32Array) =>
  `[${Array.from(embedding, (value) => Number(value.toPrecision(9))).join(',')}]`;
