/** A worker: takes messages and does what they are of, until it is told to end or can be of no more use. */
import { CountersignError, type ErrorCode } from '../core/errors.js';
import type { DecodeLimits } from '../image/decode-limits.js';
import { CHUNK as IMAGES_AT_A_TIME } from '../runtime/embed-images.js';
import { cancelItems, cancelledWithItems } from '../store/bulk-items.js';
import { openBulkJobs } from '../store/bulk-jobs.js';
import type { Store } from '../store/store.js';
import { CHUNK_ITEMS, createChunkHandler, giveUpChunk } from './chunk.js';
import type { Embedders } from './embedders.js';
import { queueOf, sendMessages } from './messages.js';
import type { Delivery, Queue } from './queue.js';
import { createRunHandler, giveUpRun } from './run.js';

export interface WorkOptions {
  readonly embedders: Embedders;
  /** Data sets of evaluations lie below it; without it there are none. */
  readonly dataRoot?: string | undefined;
  /** What an image of an item may ask of this machine. */
  readonly limits?: DecodeLimits | undefined;
  /** Chunks of items at a time; as many as keep all threads of the network busy unless said. */
  readonly chunks?: number;
}

export interface WorkerContext {
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: () => Date;
  readonly onTrouble: (error: Error) => void;
  /** Aborted when the worker is to end: what is one piece of work is left to another then. */
  readonly closing: AbortSignal;
}

/** With these every further message would fail as this one did: the worker ends, and says why. */
const FATAL: ReadonlySet<ErrorCode> = new Set(['MODEL_NOT_ACTIVE', 'MODEL_NOT_FOUND', 'WORKER_FAILED', 'KEY_MISSING']);

/** One more than the threads have to do with, to be written down meanwhile. */
const chunksFor = (threads: number) => 1 + Math.ceil((threads * IMAGES_AT_A_TIME) / CHUNK_ITEMS);

/** @returns resolves with the reason once the worker can be of no more use, and takes nothing more */
export async function startWorking(
  { store, queue, clock, onTrouble, closing }: WorkerContext,
  { embedders, dataRoot, limits, chunks = chunksFor(embedders.threads) }: WorkOptions,
): Promise<{ readonly ended: Promise<CountersignError> }> {
  let end: (reason: CountersignError) => void = () => undefined;
  const ended = new Promise<CountersignError>((resolve) => {
    end = resolve;
  });
  const watched = (handle: (delivery: Delivery) => Promise<void>) => async (delivery: Delivery) => {
    try {
      await handle(delivery);
    } catch (error) {
      onTrouble(error as Error);
      if (error instanceof CountersignError && FATAL.has(error.code)) {
        // Each attempt that fails here is one less for those who can.
        void queue
          .rest()
          .catch(onTrouble)
          .then(() => end(error));
      }
      throw error;
    }
  };
  await sendLost(store, queue);
  await cancelLost(store, clock());
  await queue.consume('givenUp', 1, watched(giveUp));
  await queue.consume(
    'chunks',
    chunks,
    watched(createChunkHandler({ store, clock, limits, embedder: () => embedders.get() })),
  );
  await queue.consume('runs', 1, watched(createRunHandler({ store, clock, embedders, dataRoot, closing })));
  return { ended };

  async function giveUp({ job: id, from, to }: Delivery): Promise<void> {
    if (from === undefined || to === undefined) return giveUpRun(store, id, clock);
    const [job] = (await openBulkJobs(store.database.orm)).filter((open) => open.id === id);
    if (job !== undefined) await giveUpChunk(store, job, { from, to }, clock);
  }
}

/** Items of jobs whose cancellation was interrupted: their images are not kept. */
async function cancelLost({ database }: Store, at: Date): Promise<void> {
  for (const id of await cancelledWithItems(database.orm)) await cancelItems(database, id, at);
}

/**
 * Of jobs whose messages are not there any more: a backup holds none. A folder takes one process: what one before had in
 * hand is nobody's, and need not be waited for.
 */
async function sendLost({ database }: Store, queue: Queue): Promise<void> {
  const isAlone = database.location.kind === 'folder';
  for (const job of await openBulkJobs(database.orm)) {
    if (!isAlone && (await queue.holds(queueOf(job), job.id))) continue;
    await database.transaction((tx) => sendMessages(tx, queue, job));
  }
}
