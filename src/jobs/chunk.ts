/**
 * A chunk of items: those of a range that still wait are settled together. An attempt that failed, or took its worker with
 * it, is made again one by one, those first that were tried least; so what cannot be done at all keeps nothing else back.
 */
import { CountersignError } from '../core/errors.js';
import { mapConcurrent } from '../data/map-concurrent.js';
import { createDecider, type Decider } from '../decide/decide.js';
import type { DecodeLimits } from '../image/decode-limits.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import {
  failItems,
  type ItemRange,
  ItemsChanged,
  noteAttempt,
  noteTrouble,
  type WaitingItem,
  waitingItems,
} from '../store/bulk-items.js';
import { type BulkJobRow, beginBulkJob, finishItems } from '../store/bulk-jobs.js';
import type { Store } from '../store/store.js';
import { enrolWriterItems } from './enrol-items.js';
import type { Delivery } from './queue.js';
import { verifyItems } from './verify-items.js';

/** Items of a message: enough that the network's threads are busy and the audit log is locked once for many. */
export const CHUNK_ITEMS = 32;
/** Images in memory at a time, in bytes; one may be larger. */
const SLICE_BYTES = 64 << 20;

export interface ChunkContext {
  readonly store: Store;
  readonly clock: () => Date;
  readonly embedder: () => Promise<ModelEmbedder>;
  readonly limits?: DecodeLimits | undefined;
}

export type ChunkHandler = (delivery: Delivery) => Promise<void>;

export function createChunkHandler({ store, clock, embedder, limits }: ChunkContext): ChunkHandler {
  const { database, keys } = store;
  const { orm } = database;
  const deciders = new WeakMap<ModelEmbedder, Decider>();

  const settle = async (job: BulkJobRow, items: readonly WaitingItem[]) => {
    const network = await embedder();
    if (job.kind === 'enrol') return enrolWriterItems(store, network, job, items, clock, limits);
    const decider = deciders.get(network) ?? createDecider(store, network, limits && { limits });
    deciders.set(network, decider);
    return verifyItems(store, decider, job, items, clock);
  };

  const together = async (job: BulkJobRow, items: readonly WaitingItem[]) => {
    const { size } = (await embedder()).pool;
    const slices = job.kind === 'enrol' ? byWriter(items) : byBytes(items);
    await mapConcurrent(slices, job.kind === 'enrol' ? size + 1 : 1, (slice) => settle(job, slice));
  };

  const oneByOne = async (job: BulkJobRow, items: readonly WaitingItem[], signal: AbortSignal) => {
    let trouble: unknown;
    for (const slice of job.kind === 'enrol' ? byWriter(items) : items.map((item) => [item])) {
      if (signal.aborted) break; // another worker has the message by now
      const positions = slice.map(({ position }) => position);
      await noteAttempt(orm, job.id, positions);
      try {
        await settle(job, slice);
      } catch (error) {
        if (error instanceof ItemsChanged) throw error;
        if (error instanceof CountersignError) await noteTrouble(orm, job.id, positions, error);
        trouble = error;
      }
    }
    if (trouble !== undefined) throw trouble;
  };

  return async ({ job: id, from, to, attempt, signal }) => {
    const range = { from: from!, to: to! };
    while (true) {
      const job = await beginBulkJob(orm, id, clock());
      if (job === undefined) return; // done, cancelled, or gone
      const items = await waitingItems(orm, job, range);
      try {
        await (attempt === 0 ? together(job, items) : oneByOne(job, items, signal));
      } catch (error) {
        if (error instanceof ItemsChanged) continue;
        throw error;
      }
      await database.transaction((tx) => finishItems(tx, keys, id, clock()));
      return;
    }
  };
}

/** Gives up what still waits of a chunk that came to no end, however often it was tried. */
export async function giveUpChunk(
  { database, keys }: Store,
  { id, kind }: Pick<BulkJobRow, 'id' | 'kind'>,
  range: ItemRange,
  clock: () => Date,
): Promise<void> {
  const died = { code: 'WORKER_FAILED' as const, message: 'Its worker ended while it was at work, time and again.' };
  await failItems(database.orm, { id, kind }, range, died, clock());
  await database.transaction((tx) => finishItems(tx, keys, id, clock()));
}

function byBytes(items: readonly WaitingItem[]): WaitingItem[][] {
  const slices: WaitingItem[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    bytes += item.bytes;
    if (bytes > SLICE_BYTES) {
      slices.push([]);
      bytes = item.bytes;
    }
    slices.at(-1)!.push(item);
  }
  return slices;
}

function byWriter(items: readonly WaitingItem[]): WaitingItem[][] {
  const writers = new Map<string, WaitingItem[]>();
  for (const item of items) {
    const own = writers.get(item.externalRef) ?? [];
    own.push(item);
    writers.set(item.externalRef, own);
  }
  return [...writers.values()];
}
