/**
 * 95 % intervals by bootstrap over WRITERS: pairs of one writer share signatures and are not independent, so whole
 * writers are drawn with replacement, each with all its pairs, and the rates are measured anew.
 *
 * A resample is a weight per writer: how often it was drawn (see weighted-rates.ts).
 *
 * The writer is the one claimed. Random forgeries also share the second writer between rows; that dependence is not
 * resampled. Percentile intervals are somewhat too narrow for few writers (below about 20).
 *
 * @see Efron and Tibshirani 1993, chapter 13 (percentile interval); Bolle, Ratha and Pankanti 2004 (subsets bootstrap)
 */
import { CountersignError } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import { accepts } from './error-rates.js';
import { type GroupedDistances, weightedRates } from './weighted-rates.js';

/** Bounds that hold the true rate with 95 % confidence, 0 .. 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapIntervals {
  readonly resamples: number;
  readonly far: Interval;
  readonly frr: Interval;
  readonly eer: Interval;
  readonly auc: Interval;
}

export interface BootstrapOptions {
  /** Length of the list that `writer` indexes. */
  readonly writerCount: number;
  /** The threshold, fixed beforehand, of FAR and FRR. */
  readonly threshold: number;
  readonly rng: Rng;
  readonly resamples?: number;
}

export const RESAMPLES = 2000;

/**
 * @returns percentile intervals of FAR and FRR at the threshold, EER and AUC; null for fewer than two writers
 *   with genuine or with forged pairs, where there is nothing to resample
 */
export function bootstrapIntervals(
  genuine: GroupedDistances,
  forged: GroupedDistances,
  { writerCount, threshold, rng, resamples = RESAMPLES }: BootstrapOptions,
): BootstrapIntervals | null {
  if (writerCount < 2) return null;
  const rates = weightedRates(genuine, forged, writerCount);
  const genuineCounts = countByWriter(genuine, writerCount, threshold);
  const forgedCounts = countByWriter(forged, writerCount, threshold);
  // Of one writer there is nothing to draw: an interval without width would look like certainty.
  if ([genuineCounts, forgedCounts].some(({ pairs }) => pairs.filter((count) => count > 0).length < 2)) return null;
  const column = () => new Float64Array(resamples);
  const [far, frr, eer, auc] = [column(), column(), column(), column()];
  for (let r = 0; r < resamples; r++) {
    const weights = drawWriters(rng, writerCount, genuineCounts.pairs, forgedCounts.pairs);
    const genuineTotal = weighted(weights, genuineCounts.pairs);
    const forgedTotal = weighted(weights, forgedCounts.pairs);
    far[r] = weighted(weights, forgedCounts.accepted) / forgedTotal;
    frr[r] = (genuineTotal - weighted(weights, genuineCounts.accepted)) / genuineTotal;
    eer[r] = rates.eer(weights);
    auc[r] = rates.auc(weights);
  }
  return {
    resamples,
    far: percentileInterval(far),
    frr: percentileInterval(frr),
    eer: percentileInterval(eer),
    auc: percentileInterval(auc),
  };
}

/** @returns percentile interval of FAR at the threshold; null for fewer than two writers with pairs */
export function farInterval(
  forged: GroupedDistances,
  { writerCount, threshold, rng, resamples = RESAMPLES }: BootstrapOptions,
): Interval | null {
  const { pairs, accepted } = countByWriter(forged, writerCount, threshold);
  if (pairs.filter((count) => count > 0).length < 2) return null;
  const rates = Float64Array.from({ length: resamples }, () => {
    const weights = drawWriters(rng, writerCount, pairs, pairs);
    return weighted(weights, accepted) / weighted(weights, pairs);
  });
  return percentileInterval(rates);
}

/**
 * Draws `writerCount` writers with replacement; a draw without a genuine or without a forged pair is drawn again.
 *
 * @returns [writerCount] how often each writer was drawn; sums to writerCount
 */
export function drawWriters(
  rng: Rng,
  writerCount: number,
  genuinePairs: Float64Array,
  forgedPairs: Float64Array,
): Float64Array {
  const weights = new Float64Array(writerCount);
  for (let attempt = 0; attempt < 1000; attempt++) {
    weights.fill(0);
    for (let i = 0; i < writerCount; i++) weights[rng.int(writerCount)]! += 1;
    if (weighted(weights, genuinePairs) > 0 && weighted(weights, forgedPairs) > 0) return weights;
  }
  throw new CountersignError(
    'DATASET_TOO_FEW_WRITERS',
    'Too few writers have both genuine and forged pairs to resample.',
  );
}

function countByWriter({ distance, writer }: GroupedDistances, writerCount: number, threshold: number) {
  const pairs = new Float64Array(writerCount);
  const accepted = new Float64Array(writerCount);
  for (let m = 0; m < distance.length; m++) {
    pairs[writer[m]!]! += 1;
    if (accepts(distance[m]!, threshold)) accepted[writer[m]!]! += 1;
  }
  return { pairs, accepted };
}

/** sum_w weights[w] x counts[w]. */
export function weighted(weights: Float64Array, counts: Float64Array): number {
  let sum = 0;
  for (let w = 0; w < weights.length; w++) sum += weights[w]! * counts[w]!;
  return sum;
}

/** The 2.5 and 97.5 percent quantiles, interpolated linearly. */
export function percentileInterval(values: Float64Array): Interval {
  values.sort();
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}
