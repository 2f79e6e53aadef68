/** Runs in a worker: products of the size of the features, squared, and of every image with as many directions as the embedding has. */
import { solveLower, solveUpper } from '../../core/cholesky.js';
import { Rng } from '../../core/rng.js';
import { type Head, saidBy } from '../../nn/head.js';
import { covarianceWithinAndAll, inParts, whiteningFactor } from '../covariance.js';
import { highestVariance } from '../highest-variance.js';
import { standardise } from '../standardise.js';

export interface MergeInput extends Head {
  /** [N, F], what the head reads. */
  readonly features: Float32Array;
  /** F */
  readonly count: number;
  /** Of each map: positions of its features. */
  readonly maps: readonly (readonly number[])[];
  /** Rows of one identity each, at least two; a row may be in several. */
  readonly groups: readonly (readonly number[])[];
  /** Of a squared distance, less than 1: what the whitened features say; the rest is what the head says. */
  readonly share: number;
  /** K, numbers that are wanted. */
  readonly wanted: number;
  /** Of the first guess at the directions of highest variance. */
  readonly seed: number;
}

/** Of the covariance in the whitening; between a half and nine tenths hardly matter. */
const WHITENING = 0.8;

/** @returns the head as merge-features.ts has it, [K, F] and [K] */
export default function mergeFeatures(input: MergeInput): Head {
  const { features, count, maps, groups, share, weight, bias, wanted } = input;
  const size = weight.shape[0]!;
  const own = [...new Set(groups.flat())];

  // y = [h ; x of each map] of every image, each of mean norm 1, by their shares.
  const said = own.map((row) => saidBy({ weight, bias }, features, row));
  const whiteMaps = maps.map((positions) => whiten(features, count, positions, groups, own));
  const parts = [
    { vectors: said, factor: factorOf(said, 1 - share) },
    ...whiteMaps.map(({ vectors }) => ({ vectors, factor: factorOf(vectors, share / maps.length) })),
  ];
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, { vectors }) => sum + vectors[0]!.length, 0));
  const both = starts.at(-1)! + parts.at(-1)!.vectors[0]!.length;
  const y = new Float32Array(own.length * both);
  parts.forEach(({ vectors, factor }, part) => {
    vectors.forEach((vector, i) => {
      y.set(
        vector.map((value) => factor * value),
        i * both + starts[part]!,
      );
    });
  });

  const merged = { weight: new Float64Array(wanted * count), bias: new Float64Array(wanted) };
  const directions = highestVariance(y, both, wanted, new Rng(input.seed).fork('features'));
  directions.forEach((direction, k) => {
    for (let j = 0; j < size; j++) {
      const part = parts[0]!.factor * direction[j]!;
      for (let f = 0; f < count; f++) merged.weight[k * count + f]! += part * weight.data[j * count + f]!;
      merged.bias[k]! += part * bias.data[j]!;
    }
  });
  whiteMaps.forEach(({ positions, middle, scale, lower }, map) => {
    const { factor } = parts[map + 1]!;
    const start = starts[map + 1]!;
    const ofFeatures = directions.map((direction) => direction.slice(start, start + positions.length));
    for (const some of inParts(ofFeatures)) solveUpper(lower, positions.length, ...some); // times L^-1
    ofFeatures.forEach((direction, k) => {
      positions.forEach((f, i) => {
        const value = factor * direction[i]! * scale[i]!;
        merged.weight[k * count + f]! += value;
        merged.bias[k]! -= value * middle[i]!;
      });
    });
  });
  return {
    weight: { shape: [wanted, count], data: Float32Array.from(merged.weight) },
    bias: { shape: [wanted], data: Float32Array.from(merged.bias) },
  };
}

interface WhitenedMap {
  readonly positions: readonly number[];
  /** x = L^-1 (scale (f - middle)) of each row of `own`, [B]. */
  readonly vectors: Float64Array[];
  readonly middle: Float64Array;
  readonly scale: Float64Array;
  /** L [B, B] */
  readonly lower: Float64Array;
}

/** The features of one map, standardised and whitened. */
function whiten(
  features: Float32Array,
  count: number,
  positions: readonly number[],
  groups: MergeInput['groups'],
  own: readonly number[],
): WhitenedMap {
  const dimension = positions.length;
  const vectors = new Float32Array((features.length / count) * dimension);
  for (let start = 0, i = 0; start < features.length; start += count) {
    for (const f of positions) vectors[i++] = features[start + f]!;
  }
  const { middle, scale } = standardise(vectors, dimension, groups.flat());
  const lower = whiteningFactor(covarianceWithinAndAll({ vectors, dimension, groups }), dimension, WHITENING);
  const white = own.map((row) => Float64Array.from(vectors.subarray(row * dimension, (row + 1) * dimension)));
  for (const some of inParts(white)) solveLower(lower, dimension, ...some);
  return { positions, vectors: white, middle, scale, lower };
}

/** What gives vectors their share of a squared distance; those of a map that never varies have none. */
function factorOf(vectors: readonly Float64Array[], share: number): number {
  const norm = vectors.reduce((sum, vector) => sum + Math.hypot(...vector) / vectors.length, 0);
  return norm > 0 ? Math.sqrt(share) / norm : 0;
}
