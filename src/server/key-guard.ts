/** Who asks: from the header Authorization to a key that holds, or a refusal. */
import { timingSafeEqual } from 'node:crypto';
import { ROLES, type Role } from '../api/operations.js';
import { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';
import { drawKey, type KnownKey, parseKey, touchApiKey } from '../store/api-keys.js';
import type { Store } from '../store/store.js';
import type { ServiceConfig } from './config.js';
import { KeyReader } from './key-reader.js';
import { TokenBuckets } from './token-buckets.js';

/** Whoever asks. */
export interface Caller {
  readonly keyId: string;
  readonly name: string | null;
  /** As the audit log has it. */
  readonly actor: string;
  readonly roles: readonly Role[];
  readonly expiresAt: Date | null;
}

/** The key of the page, in memory alone: the store knows nothing of it, and it ends with the process. */
export interface SessionKey {
  /** To be told once. */
  readonly key: string;
  readonly actor: string;
}

/** How long a key is believed to be as it was read; another process may have revoked it since. */
const BELIEVED_MS = 5000;
const MOST_BELIEVED = 10_000;
/** The last use is on record to the minute. */
const TOUCHED_MS = 60_000;

/** So that an id that is not there takes as long as one that is. */
const NO_HASH = sha256('');

export class KeyGuard {
  readonly #store: Store;
  readonly #reader: KeyReader;
  readonly #ofKeys: TokenBuckets;
  readonly #ofFailures: TokenBuckets;
  readonly #session: KnownKey | undefined;
  readonly #believed = new Map<string, { readonly key: KnownKey; readonly readAt: number }>();

  constructor(store: Store, { rateLimit }: Pick<ServiceConfig, 'rateLimit'>, session?: SessionKey) {
    this.#store = store;
    this.#reader = new KeyReader(store);
    this.#ofKeys = new TokenBuckets(rateLimit.perMinute);
    this.#ofFailures = new TokenBuckets(rateLimit.failuresPerMinute);
    this.#session = session && sessionRow(session);
  }

  /**
   * @param address - of the client, for those whose key does not hold
   * @throws CountersignError KEY_REQUIRED, KEY_FORBIDDEN, RATE_LIMITED
   */
  async admit(authorization: string | undefined, roles: readonly Role[], address: string, now: Date): Promise<Caller> {
    const key = await this.#authenticate(authorization, address, now);
    if (key === undefined) {
      this.#ofFailures.take(address, now);
      throw new CountersignError('KEY_REQUIRED', 'Expected a key that holds; none came, or another.');
    }
    limit(this.#ofKeys.take(key.id, now));
    const held = ROLES.filter((role) => key.roles.includes(role));
    if (!held.includes('admin') && !held.some((role) => roles.includes(role))) {
      const message = `Expected a key with the role ${roles.join(' or ')}; one with ${held.join(' and ')} came.`;
      throw new CountersignError('KEY_FORBIDDEN', message, { details: { roles } });
    }
    const actor = key.name ?? `key:${key.id}`;
    return { keyId: key.id, name: key.name, actor, roles: held, expiresAt: key.expiresAt };
  }

  /** Reads a key anew at its next use: after it was changed. */
  forget(id: string): void {
    this.#believed.delete(id);
  }

  async #authenticate(authorization: string | undefined, address: string, now: Date): Promise<KnownKey | undefined> {
    const [, text = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    const given = parseKey(text);
    if (given === undefined) {
      limit(this.#ofFailures.wait(address, now));
      return undefined;
    }
    const hash = sha256(given.secret);
    if (this.#session !== undefined && given.id === this.#session.id) {
      if (matches(hash, this.#session, now)) return this.#session;
      limit(this.#ofFailures.wait(address, now));
      return undefined;
    }
    const believed = this.#believed.get(given.id);
    const wasRight = believed !== undefined && matches(hash, believed.key, now);
    if (wasRight && now.getTime() - believed.readAt < BELIEVED_MS) return believed.key;
    // Whoever guesses is kept waiting; one whose key was right a moment ago is not, though it shares the address.
    if (!wasRight) limit(this.#ofFailures.wait(address, now));
    const key = await this.#reader.find(given.id);
    if (!matches(hash, key, now)) return undefined;
    this.#believe(key!, now);
    if (now.getTime() - (key!.lastUsedAt?.getTime() ?? 0) >= TOUCHED_MS) {
      await touchApiKey(this.#store.database.orm, key!.id, now);
    }
    return key;
  }

  #believe(key: KnownKey, now: Date): void {
    this.#believed.delete(key.id);
    this.#believed.set(key.id, { key, readAt: now.getTime() });
    if (this.#believed.size > MOST_BELIEVED) this.#believed.delete(this.#believed.keys().next().value!);
  }
}

/** @param actor - who acts with it, in the audit log */
export function drawSessionKey(actor: string): SessionKey {
  return { key: drawKey().key, actor };
}

function sessionRow({ key, actor }: SessionKey): KnownKey {
  const { id, secret } = parseKey(key)!;
  return {
    ...{ id, name: actor, roles: ['admin'], secretHash: sha256(secret), previousHash: null, previousUntil: null },
    ...{ createdAt: new Date(0), createdBy: actor, expiresAt: null, lastUsedAt: null, revokedAt: null },
  };
}

/** In a time that does not depend on the secret. */
function matches(hash: string, key: KnownKey | undefined, now: Date): boolean {
  const isCurrent = equal(hash, key?.secretHash ?? NO_HASH);
  const isPrevious = equal(hash, key?.previousHash ?? NO_HASH);
  if (key === undefined || (key.expiresAt !== null && key.expiresAt <= now)) return false;
  return isCurrent || (isPrevious && key.previousUntil !== null && now < key.previousUntil);
}

const equal = (a: string, b: string) => timingSafeEqual(Buffer.from(a), Buffer.from(b));

function limit(waitS: number): void {
  if (waitS === 0) return;
  throw new CountersignError('RATE_LIMITED', `Too many requests; ask again in ${waitS} s.`, {
    details: { retryAfterS: waitS },
  });
}
