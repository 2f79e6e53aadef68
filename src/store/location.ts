/** Where a store lies: an embedded folder, or a PostgreSQL server. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CountersignError } from '../core/errors.js';

export type StoreLocation =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'server'; readonly url: string };

/**
 * The folder that was asked for; else DATABASE_URL, COUNTERSIGN_STORE, or the user's data folder, in this order.
 *
 * @throws CountersignError INVALID_ARGUMENT
 */
export function resolveLocation(folder: string | undefined, env: NodeJS.ProcessEnv): StoreLocation {
  if (folder !== undefined) return { kind: 'folder', folder: resolve(folder) };
  const { DATABASE_URL: url, COUNTERSIGN_STORE: named } = env;
  if (url !== undefined && url !== '') {
    if (!/^postgres(ql)?:\/\//.test(url)) {
      throw new CountersignError('INVALID_ARGUMENT', 'DATABASE_URL: expected postgresql://...; another scheme came.');
    }
    return { kind: 'server', url };
  }
  return { kind: 'folder', folder: named !== undefined && named !== '' ? resolve(named) : defaultFolder(env) };
}

/** Where keys lie unless the environment names them: beside the store, so that a copy of the folder is not readable. */
export function keyFileOf(location: StoreLocation, env: NodeJS.ProcessEnv): string {
  return `${location.kind === 'folder' ? location.folder : defaultFolder(env)}.key`;
}

function defaultFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'countersign', 'store');
}
