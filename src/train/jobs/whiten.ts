/** Runs in a worker: sums over every image, and products of the head's size. */
import { factorise, solveLower } from '../../core/cholesky.js';
import type { WeightTensor } from '../../nn/weights.js';

export interface WhitenInput {
  /** [N, D], rows of norm 1. */
  readonly directions: Float32Array;
  readonly dimension: number;
  /** Rows of one identity each, at least two; a row may be in several. */
  readonly groups: readonly (readonly number[])[];
  /** Of the covariance, less than 1; the rest is the identity matrix. */
  readonly share: number;
  /** The head: [D, F] and [D]. */
  readonly weight: WeightTensor;
  readonly bias: WeightTensor;
}

/** Of the covariance of embeddings of norm 1: less is rounding. */
const LEAST_TRACE = 1e-9;

/** @returns the head whose embeddings are L^-1 u / |L^-1 u|, as in whiten-head.ts */
export default function whiten(input: WhitenInput): { readonly weight: WeightTensor; readonly bias: WeightTensor } {
  const { dimension, share } = input;
  const factor = covarianceWithin(input);
  const trace = sumOf(dimension, (k) => factor[k * dimension + k]!);
  const unit = trace > LEAST_TRACE ? dimension / trace : 0;
  factor.forEach((value, i) => {
    factor[i] = share * unit * value + (i % (dimension + 1) === 0 ? 1 - share : 0);
  });
  factorise(factor, dimension);
  const weight = solved(factor, dimension, input.weight);
  const bias = solved(factor, dimension, input.bias);
  const scale = Math.sqrt(squares(input.weight) / squares(weight)); // embeddings have norm 1: only the ratio of both matters
  return { weight: times(scale, weight), bias: times(scale, bias) };
}

/** [D, D], of embeddings around the mean of their identity; its lower triangle. */
function covarianceWithin({ directions, dimension, groups }: WhitenInput): Float64Array {
  const covariance = new Float64Array(dimension * dimension);
  const freedom = groups.reduce((sum, rows) => sum + rows.length - 1, 0);
  const away = new Float64Array(dimension);
  for (const rows of groups) {
    const mean = Float64Array.from({ length: dimension }, (_, k) =>
      sumOf(rows.length, (i) => directions[rows[i]! * dimension + k]! / rows.length),
    );
    for (const row of rows) {
      for (let k = 0; k < dimension; k++) away[k] = directions[row * dimension + k]! - mean[k]!;
      for (let k = 0; k < dimension; k++) {
        const part = away[k]! / freedom;
        for (let l = 0; l <= k; l++) covariance[k * dimension + l]! += part * away[l]!;
      }
    }
  }
  return covariance;
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

function sumOf(count: number, term: (k: number) => number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += term(k);
  return sum;
}
