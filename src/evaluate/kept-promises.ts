/** Are the error rates that a calibration promises kept on writers it has not seen? */
import type { Rng } from '../core/rng.js';
import type { Evidence } from '../nn/calibration-metadata.js';
import { farInterval } from './bootstrap.js';
import { countAccepted } from './error-rates.js';
import type { CountedRate } from './error-report.js';
import { type ThresholdForRate, thresholdForFar } from './operating-points.js';
import type { GroupedDistances } from './weighted-rates.js';

/** A FAR on skilled forgeries as promised and as it came. */
export interface KeptPromise extends ThresholdForRate {
  readonly realised: CountedRate;
  /** The realised rate is at least half and at most twice the target. */
  readonly withinFactorOfTwo: boolean;
}

/** FAR on skilled forgeries, 0 .. 1. */
export const PROMISED_FARS: readonly number[] = [0.01, 0.05, 0.1];

/** @param skilled - pairs of writers that the evidence knows nothing of, all of them compared */
export function checkPromises(
  evidence: Evidence,
  skilled: GroupedDistances,
  { writerCount, rng }: { readonly writerCount: number; readonly rng: Rng },
): KeptPromise[] {
  const pairs = skilled.distance.length;
  return PROMISED_FARS.map((target) => {
    const promised = thresholdForFar(evidence, 'skilled', target);
    const { threshold } = promised;
    const errors = countAccepted(skilled.distance, threshold);
    const value = errors / pairs;
    const interval = farInterval(skilled, { writerCount, threshold, rng: rng.fork('promise') });
    return {
      ...promised,
      realised: { value, interval, errors, pairs },
      withinFactorOfTwo: value >= target / 2 && value <= 2 * target,
    };
  });
}
