/** Runs in a worker: sums over every image, and products of the head's size. */
import { solveLower } from '../../core/cholesky.js';
import type { Head } from '../../nn/head.js';
import type { WeightTensor } from '../../nn/weights.js';
import { covarianceWithin, type Identities, whiteningFactor } from '../covariance.js';

export interface WhitenInput extends Identities, Head {
  readonly share: number;
}

/** @returns the head whose embeddings are L^-1 u / |L^-1 u|, as in whiten-head.ts */
export default function whiten(input: WhitenInput): Head {
  const factor = whiteningFactor(covarianceWithin(input), input.dimension, input.share);
  const weight = solved(factor, input.dimension, input.weight);
  const bias = solved(factor, input.dimension, input.bias);
  const scale = Math.sqrt(squares(input.weight) / squares(weight)); // embeddings have norm 1: only the ratio of both matters
  return { weight: times(scale, weight), bias: times(scale, bias) };
}

/** L^-1 of every column of a matrix [D, ...]. */
function solved(factor: Float64Array, dimension: number, { shape, data }: WeightTensor): WeightTensor {
  const columns = data.length / dimension;
  const out = new Float32Array(data.length);
  for (let column = 0; column < columns; column++) {
    const x = Float64Array.from({ length: dimension }, (_, k) => data[k * columns + column]!);
    solveLower(factor, dimension, x);
    x.forEach((value, k) => {
      out[k * columns + column] = value;
    });
  }
  return { shape, data: out };
}

const times = (factor: number, { shape, data }: WeightTensor): WeightTensor => ({
  shape,
  data: data.map((value) => value * factor),
});

const squares = ({ data }: WeightTensor): number => data.reduce((sum, value) => sum + value * value, 0);
