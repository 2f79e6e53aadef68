import { meanOf } from './covariance.js';

/** Of a feature, as a part of the mean over features: one that hardly ever differs would else decide where it does. */
const LEAST_DEVIATION = 0.01;

export interface Standard {
  /** [B] */
  readonly middle: Float64Array;
  /** [B], what makes the standard deviation of each feature 1, or less where it hardly differs. */
  readonly scale: Float64Array;
}

/**
 * Makes features (features - middle) scale, where they are.
 *
 * @param features - [N, B]
 * @param rows - that middle and deviation are of; a row that is named twice counts twice
 */
export function standardise(features: Float32Array, dimension: number, rows: readonly number[]): Standard {
  const middle = meanOf(features, dimension, rows);
  const variance = new Float64Array(dimension);
  for (const row of rows) {
    for (let f = 0, i = row * dimension; f < dimension; f++, i++) {
      variance[f]! += (features[i]! - middle[f]!) ** 2 / rows.length;
    }
  }
  const deviation = variance.map(Math.sqrt);
  const least = LEAST_DEVIATION * deviation.reduce((sum, value) => sum + value / dimension, 0);
  const scale = deviation.map((value) => (least > 0 ? 1 / Math.max(value, least) : 0));
  for (let i = 0; i < features.length; i++) {
    features[i] = (features[i]! - middle[i % dimension]!) * scale[i % dimension]!;
  }
  return { middle, scale };
}
