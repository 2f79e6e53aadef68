/** Runs in a worker: products of the size of the features, squared, and of every image with as many directions as the embedding has. */
import { solveLower, solveUpper } from '../../core/cholesky.js';
import { Rng } from '../../core/rng.js';
import { covarianceWithinAndAll, inParts, meanOf, whiteningFactor } from '../covariance.js';
import type { Head } from '../head.js';
import { highestVariance } from '../highest-variance.js';

export interface MergeInput extends Head {
  /** [N, F], what the head reads. */
  readonly features: Float32Array;
  /** F */
  readonly count: number;
  /** Rows of one identity each, at least two; a row may be in several. */
  readonly groups: readonly (readonly number[])[];
  /** Of a squared distance, less than 1: what the whitened features say; the rest is what the head says. */
  readonly share: number;
  /** K, numbers that are wanted. */
  readonly wanted: number;
  /** Of the first guess at the directions of highest variance. */
  readonly seed: number;
}

/** Of the covariance in the whitening; between a half and four fifths hardly matter. */
const WHITENING = 0.5;

/** Of a feature, as a part of the mean over features: one that hardly ever differs would else decide where it does. */
const LEAST_DEVIATION = 0.01;

/** @returns the head as merge-features.ts has it, [K, F] and [K] */
export default function mergeFeatures(input: MergeInput): Head {
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

const meanNorm = (vectors: readonly Float64Array[]): number =>
  vectors.reduce((sum, vector) => sum + Math.hypot(...vector) / vectors.length, 0);

/** Of two rows of matrices of one width. */
function dot(a: Float32Array, rowOfA: number, b: Float32Array, rowOfB: number, width: number): number {
  let sum = 0;
  for (let k = 0, i = rowOfA * width, j = rowOfB * width; k < width; k++, i++, j++) sum += a[i]! * b[j]!;
  return sum;
}
