import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { makeFolder } from './make-folder.js';

/**
 * Writes a file whole or not at all: into a neighbour first, flushed to the disk, then renamed over the old one. A crash
 * or a full disk leaves what was there before.
 *
 * @param options.mode - permissions of a new file, less the umask
 * @throws CountersignError WRITE_FAILED
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string | AsyncIterable<Uint8Array>,
  { mode = 0o666 }: { readonly mode?: number } = {},
): Promise<void> {
  const temporary = `${path}.tmp`; // one name, so that what a kill -9 leaves behind is written over
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, 'w', mode);
    try {
      await writeFile(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (cause instanceof CountersignError) throw cause; // of what was to be written
    throw new CountersignError('WRITE_FAILED', `Could not write ${path}: ${(cause as Error).message}.`, { cause });
  }
}
