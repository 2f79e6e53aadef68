/**
 * Folders with all that is missing above them. Unlike Node's own recursive mkdir, these end where a parent is there and
 * still refuses, as below /proc. Should a file be in a folder's place, writing into it says so.
 */
import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Of folders that hold signatures or keys: their owner alone may look into them. */
export const OWNER_ONLY_FOLDER = 0o700;

/** @param mode - of each folder that is made */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (cause) {
    if (isThere(cause)) return;
    refuseUnlessParentIsMissing(cause, path);
    await makeFolder(dirname(path), mode);
    await mkdir(path, { mode }).catch((again: unknown) => {
      if (!isThere(again)) throw again;
    });
  }
}

export function makeFolderSync(path: string, mode?: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (cause) {
    if (isThere(cause)) return;
    refuseUnlessParentIsMissing(cause, path);
    makeFolderSync(dirname(path), mode);
    try {
      mkdirSync(path, { mode });
    } catch (again) {
      if (!isThere(again)) throw again; // another may have made it meanwhile
    }
  }
}

const isThere = (cause: unknown) => (cause as NodeJS.ErrnoException).code === 'EEXIST';

function refuseUnlessParentIsMissing(cause: unknown, path: string): void {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw cause;
}
