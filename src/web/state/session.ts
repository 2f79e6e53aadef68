/** The key that a person has signed in with, for as long as the tab is open, and what it may do. */
import { signal } from '@preact/signals';
import type { Role } from '../../api/operations.js';
import type { AnswerOf } from '../../api/schemas.js';

const STORED = 'countersign.key';

export type Me = AnswerOf<'me'>;

export const key = signal<string | undefined>(sessionStorage.getItem(STORED) ?? undefined);
/** Undefined until the service has said so. */
export const me = signal<Me | undefined>(undefined);

/** A key in the address, as `countersign serve` prints it, is taken and removed from there. */
export function takeKeyFromAddress(): void {
  const given = /^#key=([\w.-]+)$/.exec(location.hash)?.[1];
  if (given === undefined) return;
  signInWith(given);
  history.replaceState(null, '', `${location.pathname}${location.search}#/compare`);
}

export function signInWith(given: string): void {
  sessionStorage.setItem(STORED, given);
  key.value = given;
}

export function signOut(): void {
  sessionStorage.removeItem(STORED);
  key.value = undefined;
  me.value = undefined;
}

/** Whether the key has any of the roles; `admin` may do all that the others may. */
export function may(roles: readonly Role[]): boolean {
  return me.value?.roles.some((role) => role === 'admin' || roles.includes(role)) ?? false;
}
