import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CountersignError } from '../core/errors.js';

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

/** Unlike Node's own recursive mkdir, it ends where a parent is there and still refuses, as below /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return; // should it be a file, opening a file in it says so
    if (code !== 'ENOENT' || dirname(path) === path) throw cause;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}
