/** Files and folders of opened signatures, which their owner alone may read. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder, OWNER_ONLY_FOLDER } from '../data/make-folder.js';

/** Writes a file under a folder, flushed to the disk, with the folders between. */
export async function writeOwnerOnly(folder: string, file: string, content: Uint8Array | string): Promise<void> {
  const target = path.join(folder, file);
  await makeFolder(path.dirname(target), OWNER_ONLY_FOLDER);
  await writeFile(target, content, { mode: 0o600, flush: true });
}
