/** Every question to the service goes through here: it waits where that helps, and fails where it does not. */
import { type Client, createClient } from '../../api/client.js';
import { connection, untilBack } from './connection.js';
import { key, me, signOut } from './session.js';
import { untilSignedIn } from './sign-in.js';
import { isAbort, troubleOf } from './trouble.js';

/** At a service that has too much to do, or that answers others but not this question. */
const MOST_ATTEMPTS = 6;

/**
 * Asks until there is an answer: while the service is away, while it is overloaded, and while a key is missing that a
 * person can give. What is asked twice must do the same as asked once: changes carry an idempotency key.
 *
 * @param question - one or more calls of the client
 * @throws what the service says against it; a `DOMException` AbortError once `signal` is aborted
 */
export async function ask<T>(question: (service: Client) => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      const answer = await question(client(signal));
      signal?.throwIfAborted();
      return answer;
    } catch (error) {
      if (isAbort(error) || signal?.aborted) throw error;
      await remedy(error, attempt);
    }
  }
}

export function newIdempotencyKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Who the key belongs to, asked once a key is there. */
export async function learnWhoIsHere(): Promise<void> {
  if (key.value !== undefined) me.value = await ask((service) => service.me());
}

function client(signal: AbortSignal | undefined): Client {
  return createClient({ baseUrl: location.origin, ...(key.value && { key: key.value }), ...(signal && { signal }) });
}

/** @throws the error itself where asking again does not help */
async function remedy(error: unknown, attempt: number): Promise<void> {
  if (isUnreachable(error) && attempt < MOST_ATTEMPTS) return untilBack();
  const { code } = troubleOf(error);
  switch (code) {
    case 'KEY_REQUIRED': {
      const hadOne = key.value !== undefined;
      signOut();
      const why = hadOne
        ? 'The key holds no longer: the service was started anew, or it was revoked.'
        : 'This asks for a key.';
      if (await untilSignedIn(why)) return;
      throw error;
    }
    case 'OVERLOADED':
    case 'RATE_LIMITED':
    case 'CLOSING':
      if (attempt >= MOST_ATTEMPTS) throw error;
      return wait(retryAfterMs(error, attempt));
    default:
      if (connection.value === 'lost') connection.value = 'there';
      throw error;
  }
}

/** No answer came at all: the browser says it so. */
function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError;
}

function retryAfterMs(error: unknown, attempt: number): number {
  const { retryAfterS } = error as { readonly retryAfterS?: number };
  return 1000 * (retryAfterS ?? attempt);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
