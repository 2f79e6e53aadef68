/** Runs in a worker: products of the size of the features, squared, and of every image with as many directions as the embedding has. */
import { solveLower, solveUpper } from '../../core/cholesky.js';
import { Rng } from '../../core/rng.js';
import type { WeightTensor } from '../../nn/weights.js';
import { AT_ONCE, addFour, covarianceOfAll, covarianceWithinAndAll, meanOf, whiteningFactor } from '../covariance.js';

export interface MergeInput {
  /** [N, F], what the head reads. */
  readonly features: Float32Array;
  /** F */
  readonly count: number;
  /** Rows of one identity each, at least two; a row may be in several. */
  readonly groups: readonly (readonly number[])[];
  /** Of a squared distance, less than 1: what the whitened features say; the rest is what the head says. */
  readonly share: number;
  /** The head: [D, F] and [D]. */
  readonly weight: WeightTensor;
  readonly bias: WeightTensor;
  /** K, numbers that are wanted. */
  readonly wanted: number;
  /** Of the first guess at the directions of highest variance. */
  readonly seed: number;
}

/** Of the covariance in the whitening; between a half and four fifths hardly matter. */
const WHITENING = 0.5;

/** Of a feature, as a part of the mean over features: one that hardly ever differs would else decide where it does. */
const LEAST_DEVIATION = 0.01;

/** After so many products the directions that are left to tell apart have all but equal variances. */
const ROUNDS = 6;

/** @returns the head as merge-features.ts has it, [K, F] and [K] */
export default function mergeFeatures(input: MergeInput): {
  readonly weight: WeightTensor;
  readonly bias: WeightTensor;
} {
  const { features, count, groups, share, weight, bias, wanted } = input;
  const size = weight.shape[0]!;
  const rows = groups.flat();
  const own = [...new Set(rows)];

  const middle = meanOf(features, count, rows);
  const scale = scaleOf(features, middle, rows);
  const standard = new Float32Array(features.length);
  for (let start = 0; start < features.length; start += count) {
    for (let f = 0; f < count; f++) standard[start + f] = (features[start + f]! - middle[f]!) * scale[f]!;
  }
  const identities = { vectors: standard, dimension: count, groups };
  const factor = whiteningFactor(covarianceWithinAndAll(identities), count, WHITENING);

  // y = [h ; x] of every image: what the head says and the whitened features, each of mean norm 1, by their shares.
  const said = own.map((row) =>
    Float64Array.from({ length: size }, (_, k) => dot(weight.data, k, features, row, count) + bias.data[k]!),
  );
  const white = own.map((row) => Float64Array.from(standard.subarray(row * count, (row + 1) * count)));
  for (const some of inParts(white)) solveLower(factor, count, ...some);
  const head = Math.sqrt(1 - share) / meanNorm(said);
  const whitened = Math.sqrt(share) / meanNorm(white);
  const both = size + count;
  const y = new Float32Array(own.length * both);
  own.forEach((_, i) => {
    y.set(
      said[i]!.map((value) => head * value),
      i * both,
    );
    y.set(
      white[i]!.map((value) => whitened * value),
      i * both + size,
    );
  });

  const merged = { weight: new Float64Array(wanted * count), bias: new Float64Array(wanted) };
  const directions = highestVariance(y, both, wanted, new Rng(input.seed).fork('features'));
  const ofFeatures = directions.map((direction) => direction.slice(size));
  for (const some of inParts(ofFeatures)) solveUpper(factor, count, ...some); // times L^-1
  directions.forEach((direction, k) => {
    for (let f = 0; f < count; f++) {
      const value = whitened * ofFeatures[k]![f]! * scale[f]!;
      merged.weight[k * count + f] = value;
      merged.bias[k]! -= value * middle[f]!;
    }
    for (let j = 0; j < size; j++) {
      const part = head * direction[j]!;
      for (let f = 0; f < count; f++) merged.weight[k * count + f]! += part * weight.data[j * count + f]!;
      merged.bias[k]! += part * bias.data[j]!;
    }
  });
  return {
    weight: { shape: [wanted, count], data: Float32Array.from(merged.weight) },
    bias: { shape: [wanted], data: Float32Array.from(merged.bias) },
  };
}

/** What makes the standard deviation of each feature 1, or less where it hardly differs. */
function scaleOf(features: Float32Array, middle: Float64Array, rows: readonly number[]): Float64Array {
  const variance = new Float64Array(middle.length);
  for (const row of rows) {
    for (let f = 0, i = row * middle.length; f < middle.length; f++, i++) {
      variance[f]! += (features[i]! - middle[f]!) ** 2 / rows.length;
    }
  }
  const deviation = variance.map(Math.sqrt);
  const least = LEAST_DEVIATION * deviation.reduce((sum, value) => sum + value / middle.length, 0);
  return deviation.map((value) => (least > 0 ? 1 / Math.max(value, least) : 0));
}

function inParts<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, part) =>
    all.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
  );
}

const meanNorm = (vectors: readonly Float64Array[]): number =>
  vectors.reduce((sum, vector) => sum + Math.hypot(...vector) / vectors.length, 0);

/**
 * Directions of norm 1 at right angles in which rows vary most, by subspace iteration.
 *
 * @param rows - [N, D]
 * @returns `wanted` of them, [D] each
 */
function highestVariance(rows: Float32Array, dimension: number, wanted: number, rng: Rng): Float64Array[] {
  const covariance = covarianceOfAll(rows, dimension);
  const lines = Array.from({ length: dimension }, (_, k) => covariance.subarray(k * dimension, (k + 1) * dimension));
  const nothing = new Float64Array(dimension);
  while (lines.length % 4 > 0) lines.push(nothing);
  let directions = orthonormal(
    Array.from({ length: wanted }, () => Float64Array.from({ length: dimension }, () => rng.normal())),
  );
  for (let round = 0; round < ROUNDS; round++) {
    const next = directions.map(() => new Float64Array(dimension));
    for (const some of inParts([...directions.keys()])) {
      for (let k = 0; k < lines.length; k += 4) {
        const four = lines.slice(k, k + 4);
        for (const n of some) {
          addFour(
            next[n]!,
            four,
            [0, 1, 2, 3].map((i) => directions[n]![k + i] ?? 0),
          );
        }
      }
    }
    directions = orthonormal(next);
  }
  return directions;
}

/** What is left of a vector that the ones before it make up is rounding. */
const LEAST_LEFT = 1e-9;

/** By Gram and Schmidt, in place; a vector that the ones before it make up becomes 0. */
function orthonormal(vectors: Float64Array[]): Float64Array[] {
  vectors.forEach((v, k) => {
    const before = Math.hypot(...v);
    for (const other of vectors.slice(0, k)) {
      let along = 0;
      for (let d = 0; d < v.length; d++) along += v[d]! * other[d]!;
      for (let d = 0; d < v.length; d++) v[d]! -= along * other[d]!;
    }
    const left = Math.hypot(...v);
    const unit = left > LEAST_LEFT * before ? 1 / left : 0;
    for (let d = 0; d < v.length; d++) v[d]! *= unit;
  });
  return vectors;
}

/** Of two rows of matrices of one width. */
function dot(a: Float32Array, rowOfA: number, b: Float32Array, rowOfB: number, width: number): number {
  let sum = 0;
  for (let k = 0, i = rowOfA * width, j = rowOfB * width; k < width; k++, i++, j++) sum += a[i]! * b[j]!;
  return sum;
}
