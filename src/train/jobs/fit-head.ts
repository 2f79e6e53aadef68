/** Runs in a worker: products of the size of the features, squared, and of every image with both heads. */
import { factorise, solveLower, solveUpper } from '../../core/cholesky.js';
import { type Head, saidBy } from '../../nn/head.js';
import { covarianceWithin, inParts, meanOf } from '../covariance.js';
import { standardise } from '../standardise.js';

export interface FitHeadInput extends Head {
  /** [N, the width of `weight`], what the head reads. */
  readonly before: Float32Array;
  /** [N, F], what the one that is fitted is to read; standardised afterwards. */
  readonly features: Float32Array;
  /** F */
  readonly count: number;
}

/** Of the variance of a standardised feature; between a tenth and a third hardly matter. */
const RIDGE = 0.3;

/** @returns the head [D, F] and [D] that says of `features` what comes nearest to what the one given says of `before`, as in inherit-head.ts */
export default function fitHead({ before, features, count, weight, bias }: FitHeadInput): Head {
  const size = weight.shape[0]!;
  const images = [...Array(features.length / count).keys()];
  const { middle, scale } = standardise(features, count, images);

  // [z ; h] of every image, whose covariance has that of z and, below it, that of h with z.
  const dimension = count + size;
  const vectors = new Float32Array(images.length * dimension);
  for (const image of images) {
    vectors.set(features.subarray(image * count, (image + 1) * count), image * dimension);
    vectors.set(saidBy({ weight, bias }, before, image), image * dimension + count);
  }
  const covariance = covarianceWithin({ vectors, dimension, groups: [images] });
  const rowOf = (k: number) => covariance.subarray(k * dimension, k * dimension + count);

  const lower = new Float64Array(count * count);
  for (let f = 0; f < count; f++) {
    lower.set(rowOf(f), f * count);
    lower[f * count + f]! += RIDGE;
  }
  factorise(lower, count);
  const rows = Array.from({ length: size }, (_, k) => rowOf(count + k).slice());
  for (const some of inParts(rows)) {
    solveLower(lower, count, ...some);
    solveUpper(lower, count, ...some);
  }
  const means = meanOf(vectors, dimension, images).subarray(count);
  const fitted = new Float32Array(size * count);
  for (const [k, row] of rows.entries()) {
    row.forEach((value, f) => {
      row[f] = value * scale[f]!;
    });
    fitted.set(row, k * count);
  }
  return {
    weight: { shape: [size, count], data: fitted },
    bias: {
      shape: [size],
      data: Float32Array.from(rows, (row, k) => row.reduce((sum, value, f) => sum - value * middle[f]!, means[k]!)),
    },
  };
}
