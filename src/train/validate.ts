import { fitCalibration } from '../evaluate/calibration.js';
import { equalErrorRate } from '../evaluate/error-rates.js';
import { type EmbeddedSamples, genuinePairs, skilledForgeryPairs } from '../evaluate/pairs.js';

/** What the validation writers say about the weights: how good they are, and how to decide with them. */
export interface Validation {
  /** EER on all genuine-genuine against all genuine-forged pairs, a share 0 .. 1. */
  readonly eer: number;
  /** Distance at which FAR and FRR are equal; accept when distance <= threshold. */
  readonly threshold: number;
  /** P(genuine | distance) = 1 / (1 + exp(slope * distance + intercept)). */
  readonly calibration: { readonly slope: number; readonly intercept: number };
  /** Mean distance over all these pairs; near 0 when the embeddings have collapsed to a point. */
  readonly meanDistance: number;
}

export function validate(embedded: EmbeddedSamples): Validation {
  const genuine = genuinePairs(embedded).distance;
  const forged = skilledForgeryPairs(embedded).distance;
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const { eer, threshold } = equalErrorRate(genuine, forged);
  return {
    eer,
    threshold,
    calibration: fitCalibration(genuine, forged),
    meanDistance: (mean(genuine) + mean(forged)) / 2,
  };
}
