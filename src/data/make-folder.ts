import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * With all that is missing above it. Unlike Node's own recursive mkdir, it ends where a parent is there and still refuses,
 * as below /proc. Should a file be in its place, writing into it says so.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw cause;
    await makeFolder(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  await mkdir(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
  });
}
