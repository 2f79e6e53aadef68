/** Looks through a store for anything that does not fit together; changes nothing. */
import { eq, type SQL, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { verifyAuditLog } from './audit-log.js';
import { erasuresDue } from './compaction.js';
import type { Orm } from './database.js';
import { openEmbedding } from './embedding-bytes.js';
import type { KeyRing } from './encryption.js';

import { embeddings, models } from './schema.js';
import { embeddingRow, SEALED_COLUMNS, sealedRow, sealedValues } from './sealed-columns.js';
import type { Store } from './store.js';

const ROWS_AT_A_TIME = 1000;

export interface CheckReport {
  /** In words; none where the store is sound. Migrations were checked when it was opened. */
  readonly problems: readonly string[];
  /** Erasures whose bytes may be in files until the tables are rewritten: no problem, but to be done. */
  readonly compactionDue: number;
  readonly auditRows: number;
  readonly sealedValues: number;
  readonly embeddings: number;
}

export async function checkStore({ database, keys }: Store): Promise<CheckReport> {
  const problems: string[] = [];
  const audit = await verifyAuditLog(database, keys);
  if (!audit.valid) problems.push(`Row ${audit.seq} of the audit log: ${audit.problem}.`);
  problems.push(...(await danglingRows(database.orm)));
  const counted = { sealedValues: 0, embeddings: 0 };
  for (const column of SEALED_COLUMNS) {
    for await (const { key, value } of sealedValues(database.orm, column)) {
      counted.sealedValues++;
      problems.push(...problemsOf(() => keys.open(value, sealedRow(column, key))));
    }
  }
  for await (const embedding of embeddingsOf(database.orm)) {
    counted.embeddings++;
    problems.push(...problemsOf(() => requireLength(embedding, keys)));
  }
  const compactionDue = (await erasuresDue(database.orm)).length;
  return { problems, compactionDue, auditRows: audit.valid ? audit.rows : 0, ...counted };
}

function problemsOf(attempt: () => unknown): string[] {
  try {
    attempt();
    return [];
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return [error.message];
  }
}

/** Every foreign key of the database, held against the rows: a disk that failed does not ask the constraints. */
async function danglingRows(orm: Orm): Promise<readonly string[]> {
  const { rows } = await orm.execute<{ name: string; child: string; parent: string; on: string; set: string }>(sql`
    SELECT conname AS name, conrelid::regclass::text AS child, confrelid::regclass::text AS parent,
      (SELECT string_agg(format('parent.%I = child.%I', p.attname, c.attname), ' AND ' ORDER BY k.i)
         FROM unnest(conkey, confkey) WITH ORDINALITY AS k(ofchild, ofparent, i)
         JOIN pg_attribute c ON c.attrelid = conrelid AND c.attnum = k.ofchild
         JOIN pg_attribute p ON p.attrelid = confrelid AND p.attnum = k.ofparent) AS "on",
      (SELECT string_agg(format('child.%I IS NOT NULL', c.attname), ' AND ')
         FROM unnest(conkey) AS k(ofchild)
         JOIN pg_attribute c ON c.attrelid = conrelid AND c.attnum = k.ofchild) AS "set"
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname`);
  const problems: string[] = [];
  for (const { name, child, parent, on, set } of rows) {
    const { rows: dangling } = await orm.execute<{ count: number }>(
      sql.raw(`SELECT count(*)::int AS count FROM ${child} AS child
        WHERE ${set} AND NOT EXISTS (SELECT 1 FROM ${parent} AS parent WHERE ${on})`),
    );
    const { count } = dangling[0]!;
    if (count > 0) problems.push(`${count} rows of ${child} refer to rows of ${parent} that are not there (${name}).`);
  }
  return problems;
}

type StoredEmbedding = Pick<typeof embeddings.$inferSelect, 'referenceId' | 'modelId' | 'vector' | 'sealed'> & {
  readonly dimension: number;
};

async function* embeddingsOf(orm: Orm): AsyncGenerator<StoredEmbedding> {
  const { referenceId, modelId, vector, sealed } = embeddings;
  let after: SQL | undefined;
  while (true) {
    const rows = await orm
      .select({ referenceId, modelId, vector, sealed, dimension: models.dimension })
      .from(embeddings)
      .innerJoin(models, eq(models.id, modelId))
      .where(after)
      .orderBy(referenceId, modelId)
      .limit(ROWS_AT_A_TIME);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_AT_A_TIME) return;
    after = sql`(${referenceId}, ${modelId}) > (${last.referenceId}::uuid, ${last.modelId}::text)`;
  }
}

function requireLength({ referenceId, modelId, vector, sealed, dimension }: StoredEmbedding, keys: KeyRing): void {
  const bytes = openEmbedding(keys, { referenceId, modelId, vector, sealed });
  if (bytes.length === 4 * dimension) return;
  throw new CountersignError(
    'STORE_DAMAGED',
    `${embeddingRow(referenceId, modelId)}: expected ${dimension} numbers in ${4 * dimension} bytes; ${bytes.length} came.`,
  );
}
