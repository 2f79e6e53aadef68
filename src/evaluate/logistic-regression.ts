/** Logistic regression with both classes weighing the same, by Newton's method. */
import { factorise, solveLower, solveUpper } from '../core/cholesky.js';

export interface LogisticModel {
  /** [K], of the standardised columns. */
  readonly weights: Float64Array;
  readonly intercept: number;
  /** [K] each; a column without spread has scale 0 and is ignored. */
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

/** Of a column, unless another is given: finite on separable data. */
const RIDGE = 1e-4;

/**
 * @param rows - [M, K] row-major
 * @param isPositive - [M]; both values must occur
 * @param ridge - weight of half the square of each column's weight beside the mean log loss
 * @see Hastie, Tibshirani and Friedman 2009, section 4.4.1
 */
export function fitLogistic(
  rows: Float64Array,
  columns: number,
  isPositive: Uint8Array,
  ridge: (column: number) => number = () => RIDGE,
): LogisticModel {
  const count = isPositive.length;
  const positives = isPositive.reduce((sum, value) => sum + value, 0);
  const weightOf = [1 / (2 * (count - positives)), 1 / (2 * positives)];
  const { mean, scale } = standardisation(rows, columns, count);
  const size = columns + 1;
  const x = new Float64Array(size);
  x[columns] = 1;
  const beta = new Float64Array(size);
  const read = (m: number) => {
    for (let k = 0; k < columns; k++) {
      x[k] = scale[k] === 0 ? 0 : (rows[m * columns + k]! - mean[k]!) / scale[k]!;
    }
  };
  for (let iteration = 0; iteration < 30; iteration++) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    for (let k = 0; k < columns; k++) {
      gradient[k] = ridge(k) * beta[k]!;
      hessian[k * size + k] = ridge(k);
    }
    hessian[size * size - 1] = 1e-12;
    for (let m = 0; m < count; m++) {
      read(m);
      let z = 0;
      for (let k = 0; k < size; k++) z += beta[k]! * x[k]!;
      const p = 1 / (1 + Math.exp(-z));
      const weight = weightOf[isPositive[m]!]!;
      const slope = weight * (p - isPositive[m]!);
      const curvature = weight * p * (1 - p);
      for (let k = 0; k < size; k++) {
        gradient[k]! += slope * x[k]!;
        const part = curvature * x[k]!;
        for (let l = 0; l <= k; l++) hessian[k * size + l]! += part * x[l]!;
      }
    }
    factorise(hessian, size);
    const step = gradient; // solved in place
    solveLower(hessian, size, step);
    solveUpper(hessian, size, step);
    let largest = 0;
    for (let k = 0; k < size; k++) {
      beta[k]! -= step[k]!;
      largest = Math.max(largest, Math.abs(step[k]!));
    }
    if (largest < 1e-8) break;
  }
  return { weights: beta.slice(0, columns), intercept: beta[columns]!, mean, scale };
}

/** @returns [M] log-odds of the positive class, of rows [M, K] */
export function logOdds({ weights, intercept, mean, scale }: LogisticModel, rows: Float64Array): Float64Array {
  const columns = weights.length;
  return Float64Array.from({ length: rows.length / columns }, (_, m) => {
    let z = intercept;
    for (let k = 0; k < columns; k++) {
      if (scale[k] !== 0) z += (weights[k]! * (rows[m * columns + k]! - mean[k]!)) / scale[k]!;
    }
    return z;
  });
}

function standardisation(rows: Float64Array, columns: number, count: number) {
  const mean = new Float64Array(columns);
  const scale = new Float64Array(columns);
  for (let k = 0; k < columns; k++) {
    for (let m = 0; m < count; m++) mean[k]! += rows[m * columns + k]! / count;
    for (let m = 0; m < count; m++) scale[k]! += (rows[m * columns + k]! - mean[k]!) ** 2 / count;
    scale[k] = Math.sqrt(scale[k]!);
  }
  return { mean, scale };
}
