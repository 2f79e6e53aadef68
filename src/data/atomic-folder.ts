import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CountersignError } from '../core/errors.js';
import { makeFolder } from './make-folder.js';
import { ownIdentity, processIdentitySchema, stateOf } from './process-identity.js';

/** In the folder that is filled: who fills it. */
const MAKER = 'maker.json';

/**
 * Makes a folder whole or not at all: filled beside its place first, then renamed. What an earlier process began there and did
 * not end, being killed, is removed.
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
    await makeFolder(path.dirname(target));
    await removeAbandoned(target);
    staging = await mkdtemp(path.join(path.dirname(target), `.${path.basename(target)}-`));
    await writeFile(path.join(staging, MAKER), JSON.stringify(ownIdentity()), { mode: 0o600 });
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

/** Folders beside the target whose makers are dead; of one that may be at work elsewhere nothing is touched. */
async function removeAbandoned(target: string): Promise<void> {
  const beginning = `.${path.basename(target)}-`;
  for (const entry of await readdir(path.dirname(target), { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isDirectory() || !name.startsWith(beginning) || !/^\w{6}$/.test(name.slice(beginning.length))) continue;
    const folder = path.join(path.dirname(target), name);
    if (await isAbandoned(folder)) await rm(folder, { recursive: true, force: true });
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  try {
    const maker = processIdentitySchema.safeParse(JSON.parse(await readFile(path.join(folder, MAKER), 'utf8')));
    return maker.success && stateOf(maker.data) === 'dead';
  } catch {
    return false; // not made here, or not to be read
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
