import type { Rng } from '../core/rng.js';
import { addFour, covarianceOfAll, inParts } from './covariance.js';

/** After so many products the directions that are left to tell apart have all but equal variances. */
const ROUNDS = 6;

/**
 * Directions of norm 1 at right angles in which rows vary most, by subspace iteration.
 *
 * @param rows - [N, D]
 * @returns `wanted` of them, [D] each
 */
export function highestVariance(rows: Float32Array, dimension: number, wanted: number, rng: Rng): Float64Array[] {
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
