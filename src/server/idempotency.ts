/**
 * The header Idempotency-Key: a request that comes again, because its answer got lost, is answered as before and has no
 * effect again. The answer is kept in the transaction of the effect, so no crash comes between the two.
 */
import { CountersignError } from '../core/errors.js';
import { canonicalJson } from '../data/canonical-json.js';
import { sha256 } from '../data/content-hash.js';
import type { Alongside } from '../store/database.js';
import { findAnswer, keepAnswer, type RequestIdentity } from '../store/idempotent-answers.js';
import type { Store } from '../store/store.js';

const SANE_KEY = /^[\x21-\x7e]{1,255}$/;

/** Thrown in a transaction to undo it: the same request had its effect while this one was on its way. */
class AnsweredMeanwhile extends Error {}

/** Made by the handler of an operation with `once`. */
export type Once<Answer> = <Given extends Answer>(
  writersOf: (answer: Given) => readonly string[],
) => Alongside<Given> | undefined;

export interface KeptAnswer {
  /** JSON. */
  readonly json: string;
  /** Whether it is one from before. */
  readonly replayed: boolean;
}

export interface RepeatableRequest {
  /** The header. */
  readonly idempotencyKey: string;
  readonly operation: string;
  readonly apiKeyId: string;
  /** Parameters and body, as they were checked. */
  readonly asked: unknown;
  readonly at: Date;
}

/**
 * @param work - passes what `once` gives to the transaction of its effect
 * @throws CountersignError REQUEST_INVALID, IDEMPOTENCY_CONFLICT, and whatever `work` does
 */
export async function answerOnce<Answer>(
  store: Store,
  { idempotencyKey, operation, apiKeyId, asked, at }: RepeatableRequest,
  work: (once: Once<Answer>) => Promise<Answer>,
): Promise<KeptAnswer> {
  if (!SANE_KEY.test(idempotencyKey)) {
    throw new CountersignError('REQUEST_INVALID', 'Idempotency-Key: expected 1 to 255 printable characters of ASCII.');
  }
  const identity = { apiKeyId, operation, keyHash: sha256(idempotencyKey), requestHash: hashOf(asked) };
  const before = await kept(store, identity, at);
  if (before !== undefined) return before;

  let json: string | undefined;
  const once: Once<Answer> = (writersOf) => async (tx, answer) => {
    json = JSON.stringify(answer);
    if (!(await keepAnswer(tx, store.keys, identity, json, writersOf(answer), at))) throw new AnsweredMeanwhile();
  };
  try {
    await work(once);
    if (json === undefined) throw new Error(`${operation} has not kept its answer`);
    return { json, replayed: false };
  } catch (error) {
    // The twin of this request was quicker: then it is its answer, not that its effect stood in the way.
    const twin = await kept(store, identity, at);
    if (twin !== undefined) return twin;
    throw error;
  }
}

async function kept(store: Store, identity: RequestIdentity, at: Date): Promise<KeptAnswer | undefined> {
  const found = await findAnswer(store, identity, at);
  if (found === undefined) return undefined;
  if (found.requestHash === identity.requestHash) return { json: found.answer, replayed: true };
  throw new CountersignError('IDEMPOTENCY_CONFLICT', 'This Idempotency-Key came before, with another request.');
}

/** The same for the same values, whether they came as JSON or as a form. */
function hashOf(asked: unknown): string {
  return sha256(canonicalJson(withoutImages(asked)));
}

function withoutImages(value: unknown): unknown {
  if (value instanceof Uint8Array) return { sha256: sha256(value) };
  if (Array.isArray(value)) return value.map(withoutImages);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutImages(inner)]));
}
