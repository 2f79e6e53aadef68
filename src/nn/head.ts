import { HEAD_BIAS, HEAD_WEIGHT } from './network.js';
import type { Weights, WeightTensor } from './weights.js';

/** The dense layer that makes embeddings of features: [D, F] and [D]. */
export interface Head {
  readonly weight: WeightTensor;
  readonly bias: WeightTensor;
}

export const headOf = (weights: Weights): Head => ({
  weight: weights.get(HEAD_WEIGHT)!,
  bias: weights.get(HEAD_BIAS)!,
});

/** All of the weights, with another head. */
export const withHead = (weights: Weights, { weight, bias }: Head): Weights =>
  new Map([...weights, [HEAD_WEIGHT, weight], [HEAD_BIAS, bias]]);
