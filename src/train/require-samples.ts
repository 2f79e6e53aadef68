/**
 * Refuses samples that nothing can be learnt from or judged by, before time is spent on them. Samples whose image showed
 * no signature are no longer among them.
 */
import { CountersignError } from '../core/errors.js';
import type { Sample } from '../data/dataset.js';
import { identities } from '../evaluate/pairs.js';

/** Batches are drawn from identities with two genuine signatures; fewer than two of them have nothing to tell apart. */
const MIN_IDENTITIES = 2;

/** @throws CountersignError DATASET_TOO_FEW_WRITERS */
export function requireDevelopment(samples: readonly Sample[]): void {
  const usable = identities(samples).length - countIdentitiesWithoutPair(samples);
  if (usable >= MIN_IDENTITIES) return;
  throw new CountersignError(
    'DATASET_TOO_FEW_WRITERS',
    `Expected at least ${MIN_IDENTITIES} writers with two genuine signatures to learn from, but beside the writers held out there is ${usable === 0 ? 'none' : `only ${usable}`}.`,
    { details: { usable } },
  );
}

/** @throws CountersignError DATASET_TOO_FEW_SAMPLES */
export function requireValidation(samples: readonly Sample[]): void {
  const groups = identities(samples);
  const hasGenuinePair = groups.some(({ genuine }) => genuine.length >= 2);
  const hasForgedPair = groups.some(({ genuine, forged }) => genuine.length >= 1 && forged.length >= 1);
  if (hasGenuinePair && hasForgedPair) return;
  throw new CountersignError(
    'DATASET_TOO_FEW_SAMPLES',
    'Expected validation writers with two genuine signatures and a skilled forgery, but too few of their images show a signature.',
  );
}

/** Identities of fewer than two genuine signatures. */
export function countIdentitiesWithoutPair(samples: readonly Sample[]): number {
  return identities(samples).filter(({ genuine }) => genuine.length < 2).length;
}
