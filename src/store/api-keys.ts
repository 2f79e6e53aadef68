/**
 * Keys of the service: `csk_<id>_<secret>`. The store knows a secret by its SHA-256 alone; it is 32 random bytes, so a slow
 * hash would guard nothing more.
 */
import { randomBytes } from 'node:crypto';
import { and, asc, count, eq, gt, inArray, isNull, or } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm, Transaction } from './database.js';
import { apiKeys } from './schema.js';
import type { Store } from './store.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

/** A key without its secret. */
export interface ApiKey {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** Who acts with it, in the audit log; without a name it is `key:<id>`. */
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  /** Until when the secret before the last rotation holds. */
  readonly previousUntil: Date | null;
  readonly revokedAt: Date | null;
}

/** What a secret is held against. */
export interface KnownKey extends ApiKey {
  readonly secretHash: string;
  readonly previousHash: string | null;
}

export interface NewApiKey {
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly expiresAt: Date | null;
}

/** The whole key, told once. */
export interface IssuedKey extends ApiKey {
  readonly key: string;
}

/** Both parts of a key as it is written. */
export interface KeyText {
  readonly id: string;
  readonly secret: string;
}

const KEY = /^csk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;

/** @returns undefined for what is no key */
export function parseKey(text: string): KeyText | undefined {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** A key that nobody has seen. */
export function drawKey(): KeyText & { readonly key: string } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { id, secret, key: `csk_${id}_${secret}` };
}

/** @throws CountersignError INVALID_ARGUMENT, API_KEY_EXISTS, AUDIT_LOG_BROKEN */
export async function createApiKey({ database, keys }: Store, key: NewApiKey, by: By): Promise<IssuedKey> {
  if (key.expiresAt !== null && key.expiresAt <= by.at) {
    throw new CountersignError(
      'INVALID_ARGUMENT',
      'Expected a key that expires in time to come; it would have already.',
    );
  }
  const drawn = drawKey();
  return database.transaction(async (tx) => {
    const row = { id: drawn.id, ...key, secretHash: sha256(drawn.secret), createdAt: by.at, createdBy: by.actor };
    const [created] = await tx.insert(apiKeys).values(row).onConflictDoNothing().returning();
    if (created === undefined) {
      throw new CountersignError('API_KEY_EXISTS', `There is a key with the name ${key.name}, which holds.`);
    }
    await append(tx, keys, by, 'api-key.created', created.id, { roles: key.roles });
    return { ...withoutHashes(created), key: drawn.key };
  });
}

/**
 * A new secret for a key. The one before holds `graceMs` longer, so that callers can change over.
 *
 * @throws CountersignError API_KEY_NOT_FOUND, AUDIT_LOG_BROKEN
 */
export function rotateApiKey({ database, keys }: Store, id: string, graceMs: number, by: By): Promise<IssuedKey> {
  const { secret } = drawKey();
  return database.transaction(async (tx) => {
    const { secretHash } = await lockKey(tx, id);
    const previousUntil = new Date(by.at.getTime() + graceMs);
    const changes = { secretHash: sha256(secret), previousHash: secretHash, previousUntil };
    const [rotated] = await tx.update(apiKeys).set(changes).where(eq(apiKeys.id, id)).returning();
    await append(tx, keys, by, 'api-key.rotated', id, { previousUntil: previousUntil.toISOString() });
    return { ...withoutHashes(rotated!), key: `csk_${id}_${secret}` };
  });
}

/** @throws CountersignError API_KEY_NOT_FOUND, AUDIT_LOG_BROKEN */
export function revokeApiKey({ database, keys }: Store, id: string, by: By): Promise<ApiKey> {
  return database.transaction(async (tx) => {
    await lockKey(tx, id);
    const [revoked] = await tx.update(apiKeys).set({ revokedAt: by.at }).where(eq(apiKeys.id, id)).returning();
    await append(tx, keys, by, 'api-key.revoked', id, {});
    return withoutHashes(revoked!);
  });
}

/** @returns in the order in which they were made, those that were revoked too */
export async function listApiKeys(queries: Pick<Orm, 'select'>): Promise<readonly ApiKey[]> {
  return (await queries.select().from(apiKeys).orderBy(asc(apiKeys.createdAt), asc(apiKeys.id))).map(withoutHashes);
}

/** @returns those that are there and were not revoked */
export function findApiKeys(queries: Pick<Orm, 'select'>, ids: readonly string[]): Promise<KnownKey[]> {
  return queries
    .select()
    .from(apiKeys)
    .where(and(inArray(apiKeys.id, [...ids]), isNull(apiKeys.revokedAt)));
}

/** Whether any key holds. */
export async function hasApiKeys(queries: Pick<Orm, 'select'>, at: Date): Promise<boolean> {
  const lasts = or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, at));
  const [row] = await queries
    .select({ n: count() })
    .from(apiKeys)
    .where(and(isNull(apiKeys.revokedAt), lasts));
  return row!.n > 0;
}

/** Puts the use of a key on record. */
export async function touchApiKey(queries: Pick<Orm, 'update'>, id: string, at: Date): Promise<void> {
  await queries.update(apiKeys).set({ lastUsedAt: at }).where(eq(apiKeys.id, id));
}

const isHeld = (id: string) => and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt));

async function lockKey(tx: Transaction, id: string): Promise<KnownKey> {
  const [row] = await tx.select().from(apiKeys).where(isHeld(id)).for('update');
  if (row !== undefined) return row;
  throw new CountersignError('API_KEY_NOT_FOUND', `There is no key ${id} that holds.`);
}

async function append(
  tx: Transaction,
  keys: Store['keys'],
  by: By,
  action: string,
  id: string,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  await appendAudit(tx, keys, { ...by, action, subjectIds: [id], details });
}

function withoutHashes({ secretHash: _, previousHash: __, ...key }: typeof apiKeys.$inferSelect): ApiKey {
  return key;
}
