/** The messages that a job is worked on by. */
import { waitingRanges } from '../store/bulk-items.js';
import { type BulkJobRow, hasItems } from '../store/bulk-jobs.js';
import type { Transaction } from '../store/database.js';
import { CHUNK_ITEMS } from './chunk.js';
import type { Queue, QueueName } from './queue.js';

export const queueOf = (job: Pick<BulkJobRow, 'kind'>): QueueName => (hasItems(job) ? 'chunks' : 'runs');

/** One for each chunk in which items wait; a single one for a job without items, or where none waits, so that it is ended. */
export async function sendMessages(tx: Transaction, queue: Queue, job: BulkJobRow): Promise<void> {
  const waiting = hasItems(job) ? await waitingRanges(tx, job, CHUNK_ITEMS) : [{}];
  const ranges = waiting.length > 0 ? waiting : [{ from: 1, to: CHUNK_ITEMS }];
  await queue.send(
    tx,
    queueOf(job),
    ranges.map((range) => ({ job: job.id, ...range })),
  );
}
