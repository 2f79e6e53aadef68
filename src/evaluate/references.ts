/**
 * k references instead of one: the distance of a questioned signature is the MEAN of its distances to k
 * genuine references drawn at random; all other genuine signatures and all skilled forgeries are questioned.
 */
import type { Rng } from '../core/rng.js';
import { ROW_DISTANCES } from '../metric/distances.js';
import { equalErrorRate, farAt, frrAt } from './error-rates.js';
import { type EmbeddedSamples, identities } from './pairs.js';

export interface ReferenceSetOptions {
  /** k, references per identity. */
  readonly count: number;
  /** Draws of the references; the figures are means over them. */
  readonly draws: number;
  /** Threshold on the mean distance, fixed beforehand. */
  readonly threshold: number;
  readonly rng: Rng;
}

/** Rates 0 .. 1 on skilled forgeries, over the draws. */
export interface ReferenceSetReport {
  readonly count: number;
  readonly fusion: 'mean';
  readonly draws: number;
  readonly eerMean: number;
  /** Standard deviation of the EER over the draws: the luck of the references, not of the writers. */
  readonly eerDeviation: number;
  /** At the threshold that was fixed for ONE reference. */
  readonly farMean: number;
  readonly frrMean: number;
  /** Questioned signatures of one draw, the first. */
  readonly genuineQuestioned: number;
  readonly forgedQuestioned: number;
}

/**
 * Questioned genuine signatures equal to a reference (distance 0: an exact duplicate) are left out. References are drawn
 * among images that could be processed; a questioned genuine one that failed counts as rejected, a forged one is left out.
 *
 * @returns null when no identity has more than `count` genuine signatures beside its forgeries
 */
export function evaluateReferenceSets(
  embedded: EmbeddedSamples,
  { count, draws, threshold, rng }: ReferenceSetOptions,
): ReferenceSetReport | null {
  const rounds = Array.from({ length: draws }, (_, draw) => questionOnce(embedded, count, rng.fork(draw)));
  if (!rounds.every(({ genuine, forged }) => genuine.length > 0 && forged.length > 0)) return null;
  const eers = rounds.map(({ genuine, forged }) => equalErrorRate(genuine, forged).eer);
  const eerMean = mean(eers);
  return {
    count,
    fusion: 'mean',
    draws,
    eerMean,
    eerDeviation: Math.sqrt(mean(eers.map((eer) => (eer - eerMean) ** 2))),
    farMean: mean(rounds.map(({ forged }) => farAt(forged, threshold))),
    frrMean: mean(rounds.map(({ genuine }) => frrAt(genuine, threshold))),
    genuineQuestioned: rounds[0]!.genuine.length,
    forgedQuestioned: rounds[0]!.forged.length,
  };
}

/** One draw of references for every identity: the mean distances of everything questioned. */
function questionOnce(embedded: EmbeddedSamples, count: number, rng: Rng) {
  const { samples, embeddings, dimension, distance = 'euclidean' } = embedded;
  const processed = (index: number) => index < embeddings.length / dimension;
  const genuineDistances: number[] = [];
  const forgedDistances: number[] = [];
  for (const { genuine, forged } of identities(samples)) {
    const candidates = genuine.filter(processed);
    if (candidates.length < count || genuine.length === count) continue;
    const references = rng.fork(samples[genuine[0]!]!.id).sample(candidates, count);
    const distancesTo = (index: number) =>
      references.map((r) => ROW_DISTANCES[distance](embeddings, r, embeddings, index, dimension));
    for (const index of genuine) {
      if (references.includes(index)) continue;
      const distances = processed(index) ? distancesTo(index) : [Infinity];
      if (!distances.includes(0)) genuineDistances.push(mean(distances));
    }
    for (const index of forged) if (processed(index)) forgedDistances.push(mean(distancesTo(index)));
  }
  return { genuine: Float64Array.from(genuineDistances), forged: Float64Array.from(forgedDistances) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
