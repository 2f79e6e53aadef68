/**
 * A head as integers wants features of one size: all of them share one step, and those that the head weighs most may differ least.
 * So, before they are rounded, each is taken around its mean, and times the norm of its weights, by which these are divided:
 *
 *     W f + b  =  W' ((f + shift) scale) + b',        shift = -mean f,  scale_f = |W_f|,  W'_f = W_f / scale_f,  b' = b + W mean f
 *
 * with W_f [D] the weights of feature f.
 *
 * @see Nagel et al. (2019), Data-Free Quantization Through Weight Equalization and Bias Correction, section 4.1. Xiao et al. (2023),
 *   SmoothQuant.
 */
import { EQUALIZATION_SCALE, EQUALIZATION_SHIFT, HEAD_BIAS, HEAD_WEIGHT } from './network.js';
import type { Weights, WeightTensor } from './weights.js';

/** @param means - of the features, [F]; @returns weights of a network with `isEqualised` */
export function equalizeHead(weights: Weights, means: ArrayLike<number>): Map<string, WeightTensor> {
  const { shape, data } = weights.get(HEAD_WEIGHT)!;
  const count = shape[1]!;
  const scale = new Float32Array(count);
  data.forEach((value, i) => {
    scale[i % count]! += value ** 2;
  });
  scale.forEach((square, f) => {
    scale[f] = Math.sqrt(square);
  });
  const shift = Float32Array.from(means, (mean) => -mean);
  const equal = data.map((value, i) => (scale[i % count]! > 0 ? value / scale[i % count]! : 0));
  return new Map([
    ...weights,
    [HEAD_WEIGHT, { shape, data: equal }],
    [HEAD_BIAS, moved(weights.get(HEAD_BIAS)!, data, shift, -1)],
    [EQUALIZATION_SHIFT, { shape: [count], data: shift }],
    [EQUALIZATION_SCALE, { shape: [count], data: scale }],
  ]);
}

/** The same the other way: weights of a network whose head reads features as they are. */
export function withoutEqualization(weights: Weights): Map<string, WeightTensor> {
  const { shape, data } = weights.get(HEAD_WEIGHT)!;
  const [shift, scale] = [EQUALIZATION_SHIFT, EQUALIZATION_SCALE].map((name) => weights.get(name)!.data);
  const own = data.map((value, i) => value * scale![i % shape[1]!]!);
  const plain = new Map(weights);
  for (const name of [EQUALIZATION_SHIFT, EQUALIZATION_SCALE]) plain.delete(name);
  return plain.set(HEAD_WEIGHT, { shape, data: own }).set(HEAD_BIAS, moved(weights.get(HEAD_BIAS)!, own, shift!, 1));
}

/** bias + sign W shift. */
function moved({ shape, data }: WeightTensor, weight: Float32Array, shift: Float32Array, sign: number): WeightTensor {
  const count = shift.length;
  const sums = data.map((value, k) => {
    let sum = 0;
    for (let f = 0; f < count; f++) sum += weight[k * count + f]! * shift[f]!;
    return value + sign * sum;
  });
  return { shape, data: sums };
}
