/**
 * Euclidean distances between all rows, and the way back from their gradient.
 *
 *     d[i, j] = |e_i - e_j|          dL/de_i = sum over j of  (G[i, j] + G[j, i]) (e_i - e_j) / d[i, j]
 *
 * with G = dL/dd. Losses work on the distance matrix alone. Networks of others may be judged by other distances.
 */
import type { DistanceName } from '../nn/adapter.js';

/** Below this a distance has no direction; its gradient counts as 0. */
const TINY = 1e-6;

/** @param embeddings - [N, D]; @returns [N, N], symmetric, zero diagonal */
export function euclideanDistances(embeddings: Float32Array, dimension: number): Float32Array {
  const n = embeddings.length / dimension;
  const distances = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const distance = euclideanDistance(embeddings, i, embeddings, j, dimension);
      distances[i * n + j] = distance;
      distances[j * n + i] = distance;
    }
  }
  return distances;
}

/** Distance between row i of `a` and row j of `b`, both [.., D]. */
export function euclideanDistance(a: Float32Array, i: number, b: Float32Array, j: number, dimension: number): number {
  let sum = 0;
  for (let k = 0; k < dimension; k++) {
    const difference = a[i * dimension + k]! - b[j * dimension + k]!;
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** Distance between row i of `a` and row j of `b`, both [.., D]; smaller is closer. */
export type RowDistance = typeof euclideanDistance;

export const ROW_DISTANCES: Readonly<Record<DistanceName, RowDistance>> = {
  euclidean: euclideanDistance,
  'squared-euclidean': (...rows) => euclideanDistance(...rows) ** 2,
  manhattan: (a, i, b, j, dimension) => {
    let sum = 0;
    for (let k = 0; k < dimension; k++) sum += Math.abs(a[i * dimension + k]! - b[j * dimension + k]!);
    return sum;
  },
  cosine: cosineDistance,
};

/** 1 - cosine of the angle, 0 .. 2; NaN for a row of zeros, which has no direction. */
function cosineDistance(a: Float32Array, i: number, b: Float32Array, j: number, dimension: number): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let k = 0; k < dimension; k++) {
    const [x, y] = [a[i * dimension + k]!, b[j * dimension + k]!];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return Math.max(0, 1 - dot / Math.sqrt(aa * bb)); // exactly 0 for equal rows
}

/** @param distanceGradient - dL/dd, [N, N]; @returns dL/d(embeddings), [N, D] */
export function backpropagateDistances(
  embeddings: Float32Array,
  dimension: number,
  distances: Float32Array,
  distanceGradient: Float32Array,
): Float32Array {
  const n = embeddings.length / dimension;
  const gradient = new Float32Array(embeddings.length);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const distance = distances[i * n + j]!;
      const slope = distanceGradient[i * n + j]! + distanceGradient[j * n + i]!;
      if (slope === 0 || distance < TINY) continue;
      const factor = slope / distance;
      for (let k = 0; k < dimension; k++) {
        const step = factor * (embeddings[i * dimension + k]! - embeddings[j * dimension + k]!);
        gradient[i * dimension + k]! += step;
        gradient[j * dimension + k]! -= step;
      }
    }
  }
  return gradient;
}
