/** What differs between two versions of a policy. */
import type { Policy } from './document.js';

export interface Difference {
  /** `bands.0.far`. */
  readonly path: string;
  /** Undefined where it is not there. */
  readonly before: unknown;
  readonly after: unknown;
}

/** @example comparePolicies(first, second); // [{ path: 'bands.0.far', before: 0.05, after: 0.02 }] */
export function comparePolicies(before: Policy, after: Policy): Difference[] {
  const [left, right] = [new Map(leaves(before, '')), new Map(leaves(after, ''))];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((path) => left.get(path) !== right.get(path))
    .map((path) => ({ path, before: left.get(path), after: right.get(path) }));
}

function leaves(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, below]) => leaves(below, path === '' ? key : `${path}.${key}`));
}
