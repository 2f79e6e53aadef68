/** Opens a store: its database, its keys, and the head of its audit log. */
import { randomUUID } from 'node:crypto';
import { CountersignError } from '../core/errors.js';
import { brokenLog, firstHead } from './audit-log.js';
import { type Database, type DatabaseOptions, openDatabase } from './database.js';
import type { KeyRing } from './encryption.js';
import { createKeyFile, loadKeys } from './key-file.js';
import { keyFileOf, type StoreLocation } from './location.js';
import { auditHead, auditLog, writers } from './schema.js';

export interface Store {
  readonly database: Database;
  readonly keys: KeyRing;
  /** The key file that was made, on a first start without a key: to be told, and to be kept apart from the store. */
  readonly createdKeyFile?: string;
  close(): Promise<void>;
}

/**
 * @throws CountersignError STORE_LOCKED, STORE_UNREACHABLE, STORE_NEWER, STORE_DAMAGED, KEY_MISSING, KEY_INVALID,
 *   AUDIT_LOG_BROKEN, WRITE_FAILED
 *
 * @example
 * const store = await openStore(resolveLocation(undefined, process.env), process.env);
 * await store.database.transaction(async (tx) => {
 *   await tx.insert(writers).values({ id, externalRef: '4711', state: 'enrolling', createdAt: at });
 *   await appendAudit(tx, store.keys, { at, actor: 'cli', action: 'writer.created', subjectIds: [id] });
 * });
 */
export async function openStore(
  location: StoreLocation,
  env: NodeJS.ProcessEnv,
  options: DatabaseOptions = {},
): Promise<Store> {
  const database = await openDatabase(location, options);
  try {
    const isNew = (await database.orm.select().from(auditHead)).length === 0;
    const keyFile = keyFileOf(location, env);
    const given = loadKeys(keyFile, env);
    if (given === undefined && !isNew) {
      throw new CountersignError('KEY_MISSING', `Expected the store's key in ${keyFile}; there is no such file.`);
    }
    const keys = given ?? createKeyFile(keyFile);
    if (isNew) await begin(database, keys);
    await requireKey(database, keys);
    return {
      database,
      keys,
      ...(given === undefined && { createdKeyFile: keyFile }),
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function begin(database: Database, keys: KeyRing): Promise<void> {
  await database.transaction(async (tx) => {
    for (const table of [auditLog, writers]) {
      if ((await tx.select().from(table).limit(1)).length > 0) throw brokenLog(0, 'the head is missing');
    }
    await tx.insert(auditHead).values(firstHead(keys, randomUUID())).onConflictDoNothing(); // another process was quicker
  });
}

async function requireKey(database: Database, keys: KeyRing): Promise<void> {
  const [head] = await database.orm.select({ keyId: auditHead.keyId }).from(auditHead);
  if (head !== undefined && keys.has(head.keyId)) return;
  throw new CountersignError(
    'KEY_MISSING',
    `The store was sealed with key ${head?.keyId}, which is none of those given.`,
  );
}
