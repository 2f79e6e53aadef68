import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CountersignError } from '../core/errors.js';

/**
 * Makes a folder whole or not at all: filled beside its place first, then renamed.
 *
 * @param outDir - must not exist, or be empty
 * @param fill - writes into the folder that it is given
 * @param options.mode - permissions of the folder, less the umask
 * @throws CountersignError INVALID_ARGUMENT for a folder that holds something; WRITE_FAILED when the disk does not take it
 */
export async function writeFolderAtomic(
  outDir: string,
  fill: (folder: string) => Promise<void>,
  { mode = 0o777 }: { readonly mode?: number } = {},
): Promise<void> {
  await refuseOccupied(outDir);
  const target = path.resolve(outDir);
  let staging: string | undefined;
  try {
    await mkdir(path.dirname(target), { recursive: true });
    staging = await mkdtemp(path.join(path.dirname(target), `.${path.basename(target)}-`));
    const whole = path.join(staging, 'whole');
    await mkdir(whole, { mode });
    await fill(whole);
    await rename(whole, target);
    await rm(staging, { recursive: true });
  } catch (cause) {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true });
    if (!isSystemError(cause)) throw cause;
    throw new CountersignError('WRITE_FAILED', `Could not write the folder ${outDir}: ${cause.message}.`, {
      details: { outDir, cause: cause.code },
      cause,
    });
  }
}

async function refuseOccupied(outDir: string): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(outDir);
  } catch (cause) {
    if (isSystemError(cause) && cause.code === 'ENOENT') return;
    throw new CountersignError(
      'INVALID_ARGUMENT',
      `${outDir} cannot be used as an output folder: it is not a folder, or cannot be read.`,
      {
        details: { outDir },
        cause,
      },
    );
  }
  if (entries.length > 0) {
    throw new CountersignError(
      'INVALID_ARGUMENT',
      `The output folder ${outDir} is not empty (${entries.length} entries); name a new folder, or empty this one.`,
      { details: { outDir, entries: entries.length } },
    );
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
