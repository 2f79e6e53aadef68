/** Where a verifier cuts: where the model's error rates are equal, at one that was given, or by the error rates that are to be kept. */

import { CountersignError } from '../core/errors.js';
import { writersWith } from '../evaluate/evidence.js';
import {
  equalErrorThreshold,
  evidenceFor,
  formatRate,
  inReferences,
  operatingPoint,
  type Target,
} from '../evaluate/operating-points.js';
import { FUSIONS } from '../metric/fusion.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { fusionOf } from './comparison.js';

/** Error rates to keep, 0 .. 1; with both, what lies between them is left to review. `forgeries`: skilled by default. */
export type OperatingPointTarget = Omit<Target, 'forgeries'> & Partial<Pick<Target, 'forgeries'>>;

/** Accept when distance <= acceptUpTo, reject when distance > rejectAbove, review between. */
export interface Thresholds {
  readonly acceptUpTo: number;
  readonly rejectAbove: number;
  /** In words. */
  readonly source: string;
}

interface Choice {
  readonly threshold?: number;
  readonly operatingPoint?: OperatingPointTarget;
  /**
   * The calibration for so many references, or more, may promise the rates in place of that for the number given: with more
   * references both are lower than said. Without it, only that for the number given.
   */
  readonly minimumReferences?: number;
}

/** @throws INVALID_ARGUMENT for a threshold outside 0 .. 2, or beside error rates */
export function requireChoice({ threshold, operatingPoint: target }: Choice): void {
  if (threshold !== undefined && target !== undefined) {
    throw new CountersignError('INVALID_ARGUMENT', 'Expected a threshold or error rates to keep; both came.');
  }
  if (threshold !== undefined && !(threshold >= 0 && threshold <= 2)) {
    throw new CountersignError('INVALID_ARGUMENT', `Expected a threshold from 0 to 2, a distance; ${threshold} came.`);
  }
}

/**
 * @returns the thresholds for a number of references, worked out once
 * @throws (what is returned) TARGET_UNSUPPORTED where the calibration cannot promise the rates for so many references;
 *   INVALID_ARGUMENT for rates out of range
 */
export function chooseThresholds(
  model: ModelMetadata,
  { threshold, operatingPoint: target, minimumReferences }: Choice,
): (referenceCount: number) => Thresholds {
  if (threshold !== undefined) return () => oneThreshold(threshold, 'given by the caller');
  const wanted = target && { forgeries: 'skilled' as const, ...target };
  const choose = (referenceCount: number): Thresholds => {
    if (wanted === undefined) return equalErrors(model, referenceCount);
    const least = Math.max(minimumReferences ?? referenceCount, leastOnScale(model, referenceCount));
    return promised(model, wanted, least, referenceCount);
  };
  const known = new Map<number, Thresholds>();
  return (referenceCount) => {
    const chosen = known.get(referenceCount) ?? choose(referenceCount);
    known.set(referenceCount, chosen);
    return chosen;
  };
}

/** By the calibration for the greatest number of references, from `least` to `most`, that can promise the rates. */
function promised(model: ModelMetadata, target: Target, least: number, most: number): Thresholds {
  const fit = evidenceFor(model, most);
  const { count, evidence } = fit;
  try {
    const { acceptUpTo, rejectAbove } = operatingPoint(fit, target);
    return {
      acceptUpTo,
      rejectAbove,
      source: describe(target, writersWith(evidence, target.far === undefined ? 'genuine' : target.forgeries), count),
    };
  } catch (error) {
    const isUnsupported = error instanceof CountersignError && error.code === 'TARGET_UNSUPPORTED';
    if (!isUnsupported || evidenceFor(model, least).count >= count) throw error;
    return promised(model, target, least, count - 1);
  }
}

/** The least number of references whose calibration is on the scale of that for so many. */
export function leastOnScale(model: ModelMetadata, referenceCount: number): number {
  return FUSIONS[fusionOf(model)].keepsScale ? 1 : Math.min(2, referenceCount);
}

/** The model's threshold is for one reference; for several it holds only on the scale of one distance. */
function equalErrors(model: ModelMetadata, referenceCount: number): Thresholds {
  const { value, source } = model.threshold;
  if (leastOnScale(model, referenceCount) <= 1) return oneThreshold(value, source);
  const fit = evidenceFor(model, referenceCount);
  const writers = writersWith(fit.evidence, 'skilled');
  const ofSeveral = `equal error rate on ${writers} calibration writers with ${inReferences(fit.count)}`;
  return oneThreshold(equalErrorThreshold(fit), ofSeveral);
}

const oneThreshold = (value: number, source: string): Thresholds => ({
  acceptUpTo: value,
  rejectAbove: value,
  source,
});

/** `FAR 1 % on skilled forgeries, FRR 2 %, on 60 calibration writers with 5 references`. */
function describe({ far, frr, forgeries }: Target, writers: number, references: number): string {
  const rates = [
    ...(far === undefined ? [] : [`FAR ${formatRate(far)} on ${forgeries} forgeries`]),
    ...(frr === undefined ? [] : [`FRR ${formatRate(frr)}`]),
  ];
  return `${rates.join(', ')}, on ${writers} calibration writers with ${inReferences(references)}`;
}
