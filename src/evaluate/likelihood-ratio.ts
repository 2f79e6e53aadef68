/**
 * The weight of a distance as evidence: how many times more probable it is if the signature is genuine than if it is a
 * skilled forgery, as a decimal logarithm.
 *
 * @see Brümmer and du Preez 2006; Vergeer et al. 2016 for bounds that the data support
 */
import type { CalibrationBlock, ReferenceCalibration } from '../nn/calibration-metadata.js';
import type { Calibration } from './calibration.js';
import type { QuestionedDistances } from './evidence.js';
import { fitIsotonic } from './isotonic.js';

/**
 * log10 LR of a fused distance: the logistic of that number of references, between the bounds that the signatures
 * of the calibration support.
 *
 * @param count - references, 1 or more; between fitted numbers the logistic is interpolated, beyond the last it is the last
 */
export function logLikelihoodRatio(
  distance: number,
  count: number,
  { references, logLikelihoodRatio: { low, high } }: CalibrationBlock,
): number {
  const { slope, intercept } = logisticOf(count, references);
  const said = -(slope * distance + intercept) / Math.LN10;
  return Math.min(high, Math.max(low, said));
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
 * The ends of the isotonic fit, after one genuine signature beyond all others and one forgery before them are added
 * (Laplace's rule of succession), each with as many pairs as a signature of its kind has on average: n signatures of one
 * kind say no more than n + 1 to 1, however many pairs they are questioned by.
 *
 * @throws INVALID_ARGUMENT when either class has no pair
 */
export function logLikelihoodRatioBounds(
  genuine: QuestionedDistances,
  forged: QuestionedDistances,
): CalibrationBlock['logLikelihoodRatio'] {
  const ascending = Float64Array.from([...genuine.distance, ...forged.distance]).sort();
  const blocks = fitIsotonic(
    Float64Array.from([...genuine.distance, ...oneSignatureAt(ascending.at(-1)!, genuine)]),
    Float64Array.from([...forged.distance, ...oneSignatureAt(ascending[0]!, forged)]),
  );
  const [high, low] = [blocks[0]!, blocks.at(-1)!].map(({ probability: p }) => Math.log10(p / (1 - p)));
  return { low: low!, high: high! };
}

function oneSignatureAt(distance: number, { questioned }: QuestionedDistances): number[] {
  return new Array<number>(Math.ceil(questioned.length / Math.max(1, new Set(questioned).size))).fill(distance);
}

/** `5.2 times more probable if it is genuine than if it is a skilled forgery`, of a log10 LR. */
export function inWords(logRatio: number): string {
  const times = 10 ** Math.abs(logRatio);
  const [likely, unlikely] = logRatio >= 0 ? ['genuine', 'a skilled forgery'] : ['a skilled forgery', 'genuine'];
  return `${times < 10 ? times.toFixed(1) : times.toFixed(0)} times more probable if it is ${likely} than if it is ${unlikely}`;
}
