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

/** What a head says of the features [N, F] of one image, before it gets norm 1: [D]. */
export function saidBy({ weight, bias }: Head, features: Float32Array, image: number): Float64Array {
  const [size, count] = weight.shape as [number, number];
  return Float64Array.from({ length: size }, (_, k) => {
    let sum = 0;
    for (let f = 0, i = k * count, j = image * count; f < count; f++, i++, j++) sum += weight.data[i]! * features[j]!;
    return sum + bias.data[k]!;
  });
}

/** All of the weights, with another head. */
export const withHead = (weights: Weights, { weight, bias }: Head): Weights =>
  new Map([...weights, [HEAD_WEIGHT, weight], [HEAD_BIAS, bias]]);
