/** Signing in: questions that need a key wait until there is one. */
import { signal } from '@preact/signals';
import { createClient } from '../../api/client.js';
import { me, signInWith } from './session.js';

/** Why a key is asked for, as a sentence; undefined while none is. */
export const signInWanted = signal<string | undefined>(undefined);

let waiting: ((signedIn: boolean) => void)[] = [];

export function wantSignIn(why: string): void {
  signInWanted.value = why;
}

/** Asks for a key. @returns whether one came */
export function untilSignedIn(why: string): Promise<boolean> {
  wantSignIn(why);
  return new Promise((resolve) => waiting.push(resolve));
}

/** @throws what the service says against the key */
export async function signIn(key: string): Promise<void> {
  const who = await createClient({ baseUrl: location.origin, key }).me();
  signInWith(key);
  me.value = who;
  settle(true);
}

export function dismissSignIn(): void {
  settle(false);
}

function settle(signedIn: boolean): void {
  signInWanted.value = undefined;
  const settled = waiting;
  waiting = [];
  for (const resolve of settled) resolve(signedIn);
}
