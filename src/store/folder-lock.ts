/**
 * One process at a time on an embedded folder: PGlite takes no lock of its own, and two destroy the folder.
 *
 * The lock is a file `lock.<generation>`, and the one of the highest generation counts. Whoever finds its owner gone
 * creates the next, which only one can; so nothing is ever taken away that a live process holds, however slow
 * the taker is. The file of the highest generation stays when the lock is released, and says so.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { makeFolderSync, OWNER_ONLY_FOLDER } from '../data/make-folder.js';
import { ownIdentity, type ProcessIdentity, processIdentitySchema, stateOf } from '../data/process-identity.js';

export interface FolderLock {
  release(): void;
}

/** A lock that is held is never seen empty, since it comes into place whole. */
const RELEASED = '';
const LOCK_FILE = /^lock\.(\d+)$/;

/** @throws CountersignError STORE_LOCKED, WRITE_FAILED */
export function lockFolder(folder: string): FolderLock {
  try {
    makeFolderSync(folder, OWNER_ONLY_FOLDER);
    const generation = takeNext(folder);
    return { release: () => release(folder, generation) };
  } catch (cause) {
    if (cause instanceof CountersignError) throw cause;
    throw new CountersignError('WRITE_FAILED', `Could not lock ${folder}: ${(cause as Error).message}.`, { cause });
  }
}

/** @returns the generation that is now this process's */
function takeNext(folder: string): number {
  const last = generations(folder).at(-1) ?? 0;
  if (last > 0) refuseHeld(folder, last);
  const own = last + 1;
  if (!createExclusively(folder, own)) return takeNext(folder); // another was quicker: see who
  const all = generations(folder);
  if (all.at(-1) !== own) {
    rmSync(fileOf(folder, own), { force: true }); // so slow that others came and went meanwhile
    return takeNext(folder);
  }
  for (const earlier of all) if (earlier < own) rmSync(fileOf(folder, earlier), { force: true });
  return own;
}

function refuseHeld(folder: string, generation: number): void {
  const file = fileOf(folder, generation);
  const text = readIfThere(file);
  if (text === undefined || text === RELEASED) return;
  const owner = parseOwner(text);
  const state = owner === undefined ? 'unknown' : stateOf(owner);
  if (state === 'dead') return;
  const holder = owner === undefined ? 'an owner that the lock does not name' : `process ${owner.pid} on ${owner.host}`;
  const remedy = state === 'unknown' ? ` If that has ended for certain, remove ${file}.` : '';
  throw new CountersignError('STORE_LOCKED', `The store ${folder} is open in ${holder}.${remedy}`, {
    details: { folder, file, pid: owner?.pid, host: owner?.host },
  });
}

/** Whole or not at all, and only where there is none: the file is written beside, then linked into place. */
function createExclusively(folder: string, generation: number): boolean {
  const temporary = join(folder, `.lock-${randomUUID()}`);
  try {
    writeFileSync(temporary, `${JSON.stringify(ownIdentity())}\n`, { mode: 0o600, flush: true });
    linkSync(temporary, fileOf(folder, generation));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Takes no room on a full disk; where it fails all the same, the process ends soon, and the lock with it. */
function release(folder: string, generation: number): void {
  try {
    truncateSync(fileOf(folder, generation));
  } catch {}
}

/** @returns in rising order */
function generations(folder: string): readonly number[] {
  return readdirSync(folder)
    .flatMap((name) => LOCK_FILE.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    return processIdentitySchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const fileOf = (folder: string, generation: number) => join(folder, `lock.${generation}`);
