/** Keys from the environment or from a file that only its owner may read: one a line in base64url, the current first. */
import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { makeFolderSync, OWNER_ONLY_FOLDER } from '../data/make-folder.js';
import { KEY_BYTES, KeyRing } from './encryption.js';

const OWNER_ONLY = 0o600;

/**
 * COUNTERSIGN_KEY (keys, separated by commas), else the file of COUNTERSIGN_KEY_FILE, else `file`.
 *
 * @returns undefined where no key is named and `file` is not there
 * @throws CountersignError KEY_MISSING, KEY_INVALID
 */
export function loadKeys(file: string, env: NodeJS.ProcessEnv): KeyRing | undefined {
  if (env.COUNTERSIGN_KEY) return new KeyRing(parse(env.COUNTERSIGN_KEY.split(','), 'COUNTERSIGN_KEY'));
  const named = env.COUNTERSIGN_KEY_FILE || undefined;
  const secrets = readKeyFile(named ?? file);
  if (secrets === undefined && named !== undefined) {
    throw new CountersignError('KEY_MISSING', `COUNTERSIGN_KEY_FILE: there is no file ${named}.`);
  }
  return secrets && new KeyRing(secrets);
}

/**
 * Makes a key file for a new store. Where another process was quicker, the key is that one's.
 *
 * @throws CountersignError KEY_INVALID, WRITE_FAILED
 */
export function createKeyFile(file: string): KeyRing {
  const temporary = `${file}.${randomUUID()}`;
  try {
    makeFolderSync(dirname(file), OWNER_ONLY_FOLDER);
    writeFileSync(temporary, format([randomBytes(KEY_BYTES)]), { mode: OWNER_ONLY, flush: true });
    linkSync(temporary, file); // whole, and only where there is none
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new CountersignError('WRITE_FAILED', `Could not write ${file}: ${(cause as Error).message}.`, { cause });
    }
  } finally {
    rmSync(temporary, { force: true });
  }
  return new KeyRing(readKeyFile(file)!);
}

/**
 * Puts a new key before those of the file; `rotateKeys` then seals everything with it.
 *
 * @throws CountersignError KEY_MISSING, KEY_INVALID, WRITE_FAILED
 */
export async function addKey(file: string): Promise<KeyRing> {
  const unlock = lockKeyFile(file);
  try {
    const secrets = readKeyFile(file);
    if (secrets === undefined) throw new CountersignError('KEY_MISSING', `There is no key file ${file}.`);
    const all = [randomBytes(KEY_BYTES), ...secrets] as const;
    await writeFileAtomic(file, format(all), { mode: OWNER_ONLY });
    return new KeyRing([...all]);
  } finally {
    unlock();
  }
}

/** Two rotations that read the file at once would each write it with its own key alone. */
function lockKeyFile(file: string): () => void {
  const lock = `${file}.lock`;
  try {
    writeFileSync(lock, '', { flag: 'wx', mode: OWNER_ONLY });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return () => undefined; // no folder, so no file either
    const message =
      (cause as NodeJS.ErrnoException).code === 'EEXIST'
        ? `${file}: another rotation of the keys is at work; if none is, one was killed: remove ${lock}.`
        : `Could not write ${lock}: ${(cause as Error).message}.`;
    throw new CountersignError('WRITE_FAILED', message, { cause });
  }
  return () => rmSync(lock, { force: true });
}

/** @returns undefined where there is no such file */
function readKeyFile(file: string): [Buffer, ...Buffer[]] | undefined {
  let text: string;
  let mode: number;
  try {
    mode = statSync(file).mode;
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CountersignError('KEY_INVALID', `${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new CountersignError(
      'KEY_INVALID',
      `${file}: expected permissions 600, for its owner alone; ${(mode & 0o777).toString(8)} came.`,
    );
  }
  return parse(text.trimEnd().split('\n'), file);
}

function parse(keys: readonly string[], source: string): [Buffer, ...Buffer[]] {
  const secrets = keys.map((text, i) => {
    const secret = Buffer.from(text.trim(), 'base64url');
    if (secret.length === KEY_BYTES && secret.toString('base64url') === text.trim()) return secret;
    throw new CountersignError(
      'KEY_INVALID',
      `${source}: expected ${KEY_BYTES} bytes in base64url; key ${i + 1} is something else.`,
    );
  });
  return secrets as [Buffer, ...Buffer[]];
}

function format(secrets: readonly Buffer[]): string {
  return secrets.map((secret) => `${secret.toString('base64url')}\n`).join('');
}
