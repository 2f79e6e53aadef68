/** Files into a job: read a few at a time, so that a list may be of any length. */
import path from 'node:path';
import { readImageFile } from '../image/decode.js';
import { refusedImage } from '../image/named-error.js';
import type { AuditEntry } from '../store/audit-log.js';
import type { NewBulkItem } from '../store/bulk-items.js';
import type { Jobs } from './jobs.js';
import type { ListedItem } from './verify-source.js';

/** Files of a transaction, and of memory. */
const FILES_AT_A_TIME = 100;
const BYTES_AT_A_TIME = 32 << 20;

/**
 * A file that cannot be read is an item that is refused.
 *
 * @param base - that the items' files are named relative to
 * @throws CountersignError JOB_NOT_FOUND, JOB_STATE
 */
export async function addFiles(
  jobs: Jobs,
  job: string,
  base: string,
  items: readonly ListedItem[],
  by: Pick<AuditEntry, 'at' | 'actor'>,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  let batch: NewBulkItem[] = [];
  let bytes = 0;
  const flush = async (done: number) => {
    await jobs.addItems(job, batch, by);
    [batch, bytes] = [[], 0];
    onProgress(done, items.length);
  };
  for (const [i, { source, ...item }] of items.entries()) {
    const image = await readImageFile(path.resolve(base, source)).catch(refusedImage);
    batch.push({ ...item, image });
    bytes += image instanceof Uint8Array ? image.length : 0;
    if (batch.length === FILES_AT_A_TIME || bytes >= BYTES_AT_A_TIME) await flush(i + 1);
  }
  if (batch.length > 0) await flush(items.length);
}
