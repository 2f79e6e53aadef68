/** What a questioned signature is compared with. */
import { and, asc, eq, inArray } from 'drizzle-orm';
import type { Orm } from './database.js';
import { floatsOf, openEmbedding } from './embedding-bytes.js';
import type { KeyRing } from './encryption.js';
import { embeddings, referenceSignatures, writers } from './schema.js';

export interface ReferenceEmbedding {
  readonly referenceId: string;
  /** [D]. */
  readonly embedding: Float32Array;
  /** When it was written, where that is known, else when it was enrolled. */
  readonly writtenAt: Date;
}

type ReferenceState = (typeof referenceSignatures.$inferSelect)['state'];

/**
 * The references of a writer as one model sees them: one query, by indices.
 *
 * @param states - without it those that are compared with: enrolled, neither doubtful nor retired
 * @returns in the order of their enrolment; empty where the writer has none, or the model has not seen them
 * @throws CountersignError KEY_MISSING, DECRYPTION_FAILED
 *
 * @example
 * const references = await referenceEmbeddings(store.database.orm, store.keys, writerId, modelId);
 * references[0].embedding; // Float32Array(512)
 */
export async function referenceEmbeddings(
  queries: Pick<Orm, 'select'>,
  keys: KeyRing,
  writerId: string,
  modelId: string,
  states?: readonly ReferenceState[],
): Promise<readonly ReferenceEmbedding[]> {
  const [writer] = await embeddingsOfWriters(queries, keys, [writerId], modelId, states);
  return writer?.references ?? [];
}

export interface WriterEmbeddings {
  readonly writerId: string;
  /** The operator's number. */
  readonly writer: string;
  readonly references: readonly ReferenceEmbedding[];
}

/** The same of several writers, in one query; those without a reference that the model has seen are left out. */
export async function embeddingsOfWriters(
  queries: Pick<Orm, 'select'>,
  keys: KeyRing,
  writerIds: readonly string[],
  modelId: string,
  states: readonly ReferenceState[] = ['enrolled'],
): Promise<WriterEmbeddings[]> {
  if (writerIds.length === 0) return [];
  const { id, writerId, state, capturedAt, enrolledAt } = referenceSignatures;
  const { vector, sealed } = embeddings;
  const rows = await queries
    .select({ referenceId: id, writerId, writer: writers.externalRef, vector, sealed, capturedAt, enrolledAt })
    .from(referenceSignatures)
    .innerJoin(embeddings, and(eq(embeddings.referenceId, id), eq(embeddings.modelId, modelId)))
    .innerJoin(writers, eq(writers.id, writerId))
    .where(and(inArray(writerId, [...writerIds]), inArray(state, [...states])))
    .orderBy(asc(enrolledAt), asc(id));
  const found = new Map<string, { writerId: string; writer: string; references: ReferenceEmbedding[] }>();
  for (const row of rows) {
    const own = found.get(row.writerId) ?? { writerId: row.writerId, writer: row.writer, references: [] };
    own.references.push({
      referenceId: row.referenceId,
      embedding: floatsOf(openEmbedding(keys, { ...row, modelId })),
      writtenAt: row.capturedAt ?? row.enrolledAt,
    });
    found.set(row.writerId, own);
  }
  return [...found.values()];
}
