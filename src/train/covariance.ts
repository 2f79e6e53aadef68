/** How far vectors of one identity lie apart, in every direction, and those of different ones. */
import { factorise } from '../core/cholesky.js';

export interface Identities {
  /** [N, D] */
  readonly vectors: Float32Array;
  readonly dimension: number;
  /** Rows of one identity each, at least two; a row may be in several. */
  readonly groups: readonly (readonly number[])[];
}

/** A mean variance below this, of vectors of norm 1 or of standard deviation 1, is rounding. */
const LEAST_VARIANCE = 1e-12;

/**
 * L [D, D], lower, of  share D C / trace C + (1 - share) I = L L^T.
 *
 * @param covariance - C [D, D], its lower triangle; becomes L
 * @param share - of the covariance, less than 1; the rest is the identity matrix
 */
export function whiteningFactor(covariance: Float64Array, dimension: number, share: number): Float64Array {
  let variance = 0;
  for (let k = 0; k < dimension; k++) variance += covariance[k * dimension + k]! / dimension;
  const unit = variance > LEAST_VARIANCE ? share / variance : 0;
  for (let k = 0; k < dimension; k++) {
    for (let l = 0; l <= k; l++) covariance[k * dimension + l]! *= unit;
    covariance[k * dimension + k]! += 1 - share;
  }
  factorise(covariance, dimension);
  return covariance;
}

/** [D, D], of vectors around the mean of their identity; its lower triangle. */
export function covarianceWithin({ vectors, dimension, groups }: Identities): Float64Array {
  const freedom = groups.reduce((sum, rows) => sum + rows.length - 1, 0);
  const sum = new Products(dimension);
  for (const rows of groups) {
    const mean = meanOf(vectors, dimension, rows);
    for (const row of rows) {
      sum.add(
        mean.map((value, k) => vectors[row * dimension + k]! - value),
        1 / freedom,
      );
    }
  }
  return sum.total();
}

/**
 * [D, D], around the mean of their identity and, added to it, around the mean of all; its lower triangle.
 *
 * The second is the first, as a mean over rows, and the spread of the identities' means.
 */
export function covarianceWithinAndAll({ vectors, dimension, groups }: Identities): Float64Array {
  const rows = groups.flat();
  const within = covarianceWithin({ vectors, dimension, groups });
  const share = 1 + (rows.length - groups.length) / rows.length;
  const middle = meanOf(vectors, dimension, rows);
  const between = new Products(dimension);
  for (const group of groups) {
    between.add(
      meanOf(vectors, dimension, group).map((value, k) => value - middle[k]!),
      group.length / rows.length,
    );
  }
  const sum = between.total();
  within.forEach((value, i) => {
    sum[i]! += share * value;
  });
  return sum;
}

/** [D, D], all of it, of rows around their mean. */
export function covarianceOfAll(vectors: Float32Array, dimension: number): Float64Array {
  const covariance = covarianceWithin({ vectors, dimension, groups: [[...Array(vectors.length / dimension).keys()]] });
  for (let k = 0; k < dimension; k++) {
    for (let l = 0; l < k; l++) covariance[l * dimension + k] = covariance[k * dimension + l]!;
  }
  return covariance;
}

export function meanOf(vectors: Float32Array, dimension: number, rows: readonly number[]): Float64Array {
  const mean = new Float64Array(dimension);
  for (const row of rows) {
    for (let k = 0; k < dimension; k++) mean[k]! += vectors[row * dimension + k]! / rows.length;
  }
  return mean;
}

/** Vectors of a pass over a matrix that does not fit a cache; a multiple of four. */
const AT_ONCE = 32;

/** For such passes. */
export function inParts<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, part) =>
    all.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
  );
}

/** Sum of weight x x^T, its lower triangle. */
class Products {
  readonly #dimension: number;
  readonly #sum: Float64Array;
  #waiting: Float64Array[] = [];

  constructor(dimension: number) {
    this.#dimension = dimension;
    this.#sum = new Float64Array(dimension * dimension);
  }

  add(x: Float64Array, weight: number): void {
    const root = Math.sqrt(weight);
    this.#waiting.push(x.map((value) => root * value));
    if (this.#waiting.length === AT_ONCE) this.#empty();
  }

  total(): Float64Array {
    while (this.#waiting.length % 4 > 0) this.#waiting.push(new Float64Array(this.#dimension));
    this.#empty();
    return this.#sum;
  }

  #empty(): void {
    for (let k = 0; k < this.#dimension; k++) {
      const row = this.#sum.subarray(k * this.#dimension, k * this.#dimension + k + 1);
      for (let i = 0; i < this.#waiting.length; i += 4) {
        const vectors = this.#waiting.slice(i, i + 4);
        addFour(
          row,
          vectors,
          vectors.map((x) => x[k]!),
        );
      }
    }
    this.#waiting = [];
  }
}

/** Adds four vectors, each times its weight, to as many of their numbers as `sum` has. */
export function addFour(sum: Float64Array, vectors: readonly Float64Array[], weights: readonly number[]): void {
  const [a, b, c, d] = vectors as [Float64Array, Float64Array, Float64Array, Float64Array];
  const [p, q, r, s] = weights as [number, number, number, number];
  for (let l = 0; l < sum.length; l++) sum[l]! += p * a[l]! + q * b[l]! + r * c[l]! + s * d[l]!;
}
