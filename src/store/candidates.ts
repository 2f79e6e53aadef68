/** Writers that a signature may be of, with their references: the likely ones by an index where pgvector is there, else all. */
import { and, asc, gt, inArray } from 'drizzle-orm';
import type { KnownModel } from './active-model.js';
import type { Orm } from './database.js';
import { inState } from './find-writer.js';
import { embeddingsOfWriters, type WriterEmbeddings } from './reference-embeddings.js';
import { writers } from './schema.js';
import type { Store } from './store.js';
import { MOST_VECTORS, nearestVectors, refreshVectorIndex, writersWithoutVector } from './writer-vectors.js';

export interface CandidateOptions {
  readonly model: KnownModel;
  /** Writers to find by the index, at least; those with sealed embeddings are in none, and come all. */
  readonly count: number;
  readonly at: Date;
  /** Look through all of them, though there is an index. */
  readonly exact?: boolean;
}

const WRITERS_AT_A_TIME = 1000;

/**
 * Brings the index up to date, where there is one; `candidateWriters` takes it as it is.
 *
 * @param onIndex - writers who were taken in so far, where it has to be made
 */
export async function prepareCandidates(
  { database }: Store,
  {
    model,
    exact = false,
    onIndex,
  }: Pick<CandidateOptions, 'model' | 'exact'> & {
    readonly onIndex?: ((done: number) => void) | undefined;
  },
): Promise<void> {
  if (!exact && database.hasVectors) await refreshVectorIndex(database, model, onIndex);
}

/**
 * Of writers who are ready, with references that are neither doubtful nor retired. A few at a time, in no order.
 *
 * @throws CountersignError KEY_MISSING, DECRYPTION_FAILED
 */
export async function* candidateWriters(
  store: Store,
  embedding: Float32Array,
  { model, count, at, exact = false }: CandidateOptions,
): AsyncGenerator<readonly WriterEmbeddings[]> {
  const { database, keys } = store;
  const { orm } = database;
  const withReferences = (ids: readonly string[]) => embeddingsOfWriters(orm, keys, ids, model.id);
  const near = exact || !database.hasVectors ? undefined : await byIndex(store, embedding, { count, at });
  if (near === undefined) {
    for await (const ids of pages((after) => readyWriters(orm, at, after))) yield withReferences(ids);
    return;
  }
  yield withReferences(near);
  for await (const ids of pages((after) => writersWithoutVector(orm, after, WRITERS_AT_A_TIME))) {
    yield withReferences(await readyAmong(orm, ids, at));
  }
}

/** @returns undefined where among all that the index can be asked for too few are writers who are ready */
async function byIndex(
  { database }: Store,
  embedding: Float32Array,
  { count, at }: Pick<CandidateOptions, 'count' | 'at'>,
): Promise<readonly string[] | undefined> {
  for (let asked = Math.min(2 * count, MOST_VECTORS); ; asked = Math.min(2 * asked, MOST_VECTORS)) {
    const near = await nearestVectors(database, embedding, asked);
    const ready = await readyAmong(database.orm, near, at);
    if (ready.length >= count || near.length < asked) return ready.slice(0, count);
    if (asked === MOST_VECTORS) return undefined;
  }
}

/** @returns in the order of `ids` */
async function readyAmong(orm: Orm, ids: readonly string[], at: Date): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await orm
    .select({ id: writers.id })
    .from(writers)
    .where(and(inArray(writers.id, [...ids]), inState('ready', at)));
  const ready = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => ready.has(id));
}

async function readyWriters(orm: Orm, at: Date, after: string | undefined): Promise<readonly string[]> {
  const rows = await orm
    .select({ id: writers.id })
    .from(writers)
    .where(and(inState('ready', at), after === undefined ? undefined : gt(writers.id, after)))
    .orderBy(asc(writers.id))
    .limit(WRITERS_AT_A_TIME);
  return rows.map(({ id }) => id);
}

/** @param read - ids after one, in their order, `WRITERS_AT_A_TIME` where there are so many */
async function* pages(
  read: (after: string | undefined) => Promise<readonly string[]>,
): AsyncGenerator<readonly string[]> {
  let after: string | undefined;
  do {
    const ids = await read(after);
    if (ids.length > 0) yield ids;
    after = ids.length < WRITERS_AT_A_TIME ? undefined : ids.at(-1);
  } while (after !== undefined);
}
