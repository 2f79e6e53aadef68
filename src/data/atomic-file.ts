import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CountersignError } from '../core/errors.js';

/**
 * Writes a file whole or not at all: into a neighbour first, flushed to the disk, then renamed over the old one. A crash
 * or a full disk leaves what was there before.
 *
 * @throws CountersignError WRITE_FAILED
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.tmp`; // one name, so that what a kill -9 leaves behind is written over
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new CountersignError('WRITE_FAILED', `Could not write ${path}: ${(cause as Error).message}.`, { cause });
  }
}
