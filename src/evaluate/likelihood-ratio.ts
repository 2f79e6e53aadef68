/**
 * The weight of a distance as evidence: how many times more probable it is if the signature is genuine than if it is a
 * skilled forgery, as a decimal logarithm.
 *
 * @see Brümmer and du Preez 2006; Vergeer et al. 2016 for bounds that the data support
 */
import type { CalibrationBlock, ReferenceCalibration } from '../nn/calibration-metadata.js';
import type { Calibration } from './calibration.js';
import type { Distances } from './error-rates.js';
import { fitIsotonic } from './isotonic.js';

type Knot = CalibrationBlock['isotonic'][number];

/**
 * log10 LR of a fused distance: the logistic of that number of references, between the bounds of the isotonic fit, since no
 * more can be said of distances than the pairs at the ends support.
 *
 * @param count - references, 1 or more; between fitted numbers the logistic is interpolated, beyond the last it is the last
 */
export function logLikelihoodRatio(
  distance: number,
  count: number,
  { references, isotonic }: CalibrationBlock,
): number {
  const { slope, intercept } = logisticOf(count, references);
  const said = -(slope * distance + intercept) / Math.LN10;
  return Math.min(isotonic[0]!.logLikelihoodRatio, Math.max(isotonic.at(-1)!.logLikelihoodRatio, said));
}

function logisticOf(count: number, references: readonly ReferenceCalibration[]): Calibration {
  const above = references.findIndex((entry) => entry.count >= count);
  const [low, high] =
    above === -1 ? [references.at(-1)!, references.at(-1)!] : [references[Math.max(0, above - 1)]!, references[above]!];
  const share = high.count > low.count ? Math.max(0, (count - low.count) / (high.count - low.count)) : 0;
  return {
    slope: low.slope + share * (high.slope - low.slope),
    intercept: low.intercept + share * (high.intercept - low.intercept),
  };
}

/**
 * Isotonic log10 LRs without an infinite one: one genuine pair beyond all others and one forged pair before them are
 * added (Laplace's rule of succession), so that n pairs of one kind say no more than about n to 1.
 *
 * @returns a knot in the middle of each block, by distance
 * @throws INVALID_ARGUMENT when either class has no finite distance
 */
export function isotonicKnots(genuine: Distances, forged: Distances): Knot[] {
  const distances = Float64Array.from([...genuine, ...forged])
    .filter(Number.isFinite)
    .sort();
  const [first, last] = [distances[0] ?? Infinity, distances.at(-1) ?? Infinity];
  const blocks = fitIsotonic(Float64Array.from([...genuine, last]), Float64Array.from([first, ...forged]));
  return blocks.map(({ upTo, probability }, i) => ({
    distance: i === 0 ? upTo : (blocks[i - 1]!.upTo + upTo) / 2,
    logLikelihoodRatio: Math.log10(probability / (1 - probability)),
  }));
}

/** `5.2 times more probable if it is genuine than if it is a skilled forgery`, of a log10 LR. */
export function inWords(logRatio: number): string {
  const times = 10 ** Math.abs(logRatio);
  const [likely, unlikely] = logRatio >= 0 ? ['genuine', 'a skilled forgery'] : ['a skilled forgery', 'genuine'];
  return `${times < 10 ? times.toFixed(1) : times.toFixed(0)} times more probable if it is ${likely} than if it is ${unlikely}`;
}
