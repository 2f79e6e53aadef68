import { fitModelCalibration, type ModelCalibration } from '../evaluate/fit-model-calibration.js';
import { type EmbeddedSamples, genuinePairs, skilledForgeryPairs } from '../evaluate/pairs.js';

/** What the validation writers say about the weights: how good they are, and how to decide with them. */
export interface Validation extends ModelCalibration {
  /** Mean distance over all genuine-genuine and genuine-forged pairs; near 0 when the embeddings have collapsed to a point. */
  readonly meanDistance: number;
}

export function validate(embedded: EmbeddedSamples): Validation {
  const mean = ({ distance }: { distance: Float32Array }) =>
    distance.reduce((sum, value) => sum + value, 0) / distance.length;
  return {
    ...fitModelCalibration(embedded),
    meanDistance: (mean(genuinePairs(embedded)) + mean(skilledForgeryPairs(embedded))) / 2,
  };
}
