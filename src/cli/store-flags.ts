/** Flags of every command that works on a store, and the way in and out of it. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { CountersignError } from '../core/errors.js';
import { isOneLine } from '../core/one-line.js';
import { MOST_CHARACTERS } from '../store/enrol.js';
import { resolveLocation } from '../store/location.js';
import { openStore, type Store } from '../store/store.js';
import { printNote } from './terminal.js';

export interface StoreFlags {
  readonly store?: string;
  readonly actor?: string;
  readonly json?: boolean;
}

export function addStoreFlags(command: Command): Command {
  return command
    .option('--store <folder>', 'the store; without it DATABASE_URL, COUNTERSIGN_STORE, or one of the user')
    .option('--actor <name>', 'who does it, for the audit log (default: the user of the operating system)')
    .option('--json', 'print the result as JSON');
}

/** Opens the store, and closes it whatever comes of the work. @throws CountersignError as `openStore` */
export async function withStore<T>({ store: folder }: StoreFlags, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(resolveLocation(folder, process.env), process.env);
  try {
    if (store.createdKeyFile !== undefined) {
      printNote(`A key was made for the new store: ${store.createdKeyFile}. Keep a copy apart from the store.`);
    }
    return await work(store);
  } finally {
    await store.close();
  }
}

/** A container may run as a user whom its system does not know by name. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'without a name'}`;
  }
}

/** Who, and now. @throws CountersignError INVALID_ARGUMENT */
export function byActor({ actor = systemUser() }: StoreFlags): { readonly at: Date; readonly actor: string } {
  if (isOneLine(actor, MOST_CHARACTERS)) return { at: new Date(), actor };
  throw new CountersignError('INVALID_ARGUMENT', `--actor: expected 1 to ${MOST_CHARACTERS} characters on one line.`);
}
