import { CountersignError } from '../core/errors.js';
import type { Dataset, Sample } from './dataset.js';
import { compareNatural } from './natural-order.js';

/** One writer's signatures and the forgeries of them, each in the data set's order. */
export interface WriterSamples {
  readonly writer: string;
  readonly genuine: readonly Sample[];
  readonly forged: readonly Sample[];
}

/** Samples by writer, in natural order of the writers. */
export function groupByWriter(samples: readonly Sample[]): WriterSamples[] {
  const groups = new Map<string, { writer: string; genuine: Sample[]; forged: Sample[] }>();
  for (const sample of samples) {
    const group = groups.get(sample.writer) ?? { writer: sample.writer, genuine: [], forged: [] };
    group[sample.kind].push(sample);
    groups.set(sample.writer, group);
  }
  return [...groups.values()].sort((a, b) => compareNatural(a.writer, b.writer));
}

/**
 * For callers that compare against skilled forgeries.
 *
 * @throws DATASET_NO_FORGERIES when the set has none at all (single writers may lack them)
 */
export function requireForgeries({ name, root, samples }: Dataset): void {
  if (samples.some(({ kind }) => kind === 'forged')) return;
  const message = `Expected skilled forgeries in ${name} (${root}), but all ${samples.length} signatures are genuine.`;
  throw new CountersignError('DATASET_NO_FORGERIES', message, { details: { name, root, genuine: samples.length } });
}

/**
 * For callers that compare genuine signatures of one writer with each other.
 *
 * @throws DATASET_TOO_FEW_SAMPLES naming the first writer with fewer than two genuine signatures
 */
export function requireGenuinePairs({ name, samples }: Dataset): void {
  const poor = groupByWriter(samples).filter(({ genuine }) => genuine.length < 2);
  const [first] = poor;
  if (first === undefined) return;
  const others = poor.length > 1 ? ` (and ${poor.length - 1} more writers alike)` : '';
  const message = `Expected at least two genuine signatures of every writer of ${name}, but writer ${first.writer} has ${first.genuine.length}${others}.`;
  throw new CountersignError('DATASET_TOO_FEW_SAMPLES', message, {
    details: { name, writers: poor.map(({ writer, genuine }) => ({ writer, genuine: genuine.length })) },
  });
}
