/** The enrolled references that lie nearest to an embedding: by an index where pgvector is there, else one by one. */
import { and, asc, eq, gt, inArray, type SQL } from 'drizzle-orm';
import { euclideanDistance } from '../metric/distances.js';
import type { KnownModel } from './active-model.js';
import type { Orm } from './database.js';
import { floatsOf, openEmbedding } from './embedding-bytes.js';
import type { KeyRing } from './encryption.js';
import { inState } from './find-writer.js';
import { embeddings, referenceSignatures, writers } from './schema.js';
import type { Store } from './store.js';
import { MOST_VECTORS, nearestVectors, refreshVectorIndex } from './vector-index.js';

export interface NearReference {
  readonly referenceId: string;
  readonly writerId: string;
  /** Euclidean. */
  readonly distance: number;
}

export interface NearestOptions {
  readonly model: KnownModel;
  readonly count: number;
  readonly at: Date;
  /** Look through all of them, though there is an index. */
  readonly exact?: boolean;
  /** References that were taken into the index so far, where it has to be made. */
  readonly onIndex?: (done: number) => void;
}

const ROWS_AT_A_TIME = 5000;

/** Of writers who are ready, neither doubtful nor retired. @returns the nearest first */
export async function nearestReferences(
  store: Store,
  embedding: Float32Array,
  { model, count, at, exact = false, onIndex }: NearestOptions,
): Promise<NearReference[]> {
  const { database, keys } = store;
  const among = and(eq(embeddings.modelId, model.id), eligible(at))!;
  if (exact || !database.hasVectors) return lookThrough(database.orm, keys, embedding, count, among);
  await refreshVectorIndex(database, model, onIndex);
  const indexed = await byIndex(store, embedding, count, at);
  if (indexed === undefined) return lookThrough(database.orm, keys, embedding, count, among);
  const sealed = await lookThrough(database.orm, keys, embedding, count, and(among, eq(embeddings.sealed, true))!);
  return nearestOf([...indexed, ...sealed], count);
}

/** @returns undefined where among all that the index can be asked for too few are of writers who are ready */
async function byIndex(
  { database }: Store,
  embedding: Float32Array,
  count: number,
  at: Date,
): Promise<NearReference[] | undefined> {
  for (let asked = Math.min(2 * count, MOST_VECTORS); ; asked = Math.min(2 * asked, MOST_VECTORS)) {
    const near = await nearestVectors(database, embedding, asked);
    const found = await writersOf(database.orm, near, at);
    if (found.length >= count || near.length < asked) return found.slice(0, count);
    if (asked === MOST_VECTORS) return undefined;
  }
}

async function writersOf(
  orm: Orm,
  near: readonly { readonly referenceId: string; readonly distance: number }[],
  at: Date,
): Promise<NearReference[]> {
  if (near.length === 0) return [];
  const ids = near.map(({ referenceId }) => referenceId);
  const { id, writerId } = referenceSignatures;
  const rows = await orm
    .select({ id, writerId })
    .from(referenceSignatures)
    .innerJoin(writers, eq(writers.id, writerId))
    .where(and(inArray(id, ids), eligible(at)));
  const writerOf = new Map(rows.map((row) => [row.id, row.writerId]));
  return near.flatMap((hit) => {
    const writer = writerOf.get(hit.referenceId);
    return writer === undefined ? [] : [{ ...hit, writerId: writer }];
  });
}

async function lookThrough(
  orm: Orm,
  keys: KeyRing,
  embedding: Float32Array,
  count: number,
  among: SQL,
): Promise<NearReference[]> {
  let nearest: NearReference[] = [];
  let after: string | undefined;
  const { referenceId, modelId, vector, sealed } = embeddings;
  while (true) {
    const rows = await orm
      .select({ referenceId, modelId, vector, sealed, writerId: referenceSignatures.writerId })
      .from(embeddings)
      .innerJoin(referenceSignatures, eq(referenceSignatures.id, referenceId))
      .innerJoin(writers, eq(writers.id, referenceSignatures.writerId))
      .where(and(among, after === undefined ? undefined : gt(referenceId, after)))
      .orderBy(asc(referenceId))
      .limit(ROWS_AT_A_TIME);
    const measured = rows.map((row): NearReference => {
      const reference = floatsOf(openEmbedding(keys, row));
      const distance = euclideanDistance(reference, 0, embedding, 0, embedding.length);
      return { referenceId: row.referenceId, writerId: row.writerId, distance };
    });
    nearest = nearestOf([...nearest, ...measured], count);
    if (rows.length < ROWS_AT_A_TIME) return nearest;
    after = rows.at(-1)!.referenceId;
  }
}

function nearestOf(references: readonly NearReference[], count: number): NearReference[] {
  return [...references].sort((a, b) => a.distance - b.distance).slice(0, count);
}

/** SQL: references that decisions use too. */
const eligible = (at: Date): SQL => and(eq(referenceSignatures.state, 'enrolled'), inState('ready', at))!;
