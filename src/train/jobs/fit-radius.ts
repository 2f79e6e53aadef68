/** Runs in a worker: Newton's method over some ten thousand pairs. */
import { fitLogistic } from '../../evaluate/logistic-regression.js';

export interface PairsOfWitness {
  /** [N, D], rows of norm 1: what the radius is a function of. */
  readonly directions: Float32Array;
  readonly dimension: number;
  /** [M] rows of `directions`. */
  readonly reference: Uint32Array;
  readonly questioned: Uint32Array;
  /** [M], by the witness. */
  readonly distance: Float32Array;
  /** [M] */
  readonly isGenuine: Uint8Array;
}

/** Weight of half the square of each component's weight, beside the mean log loss. */
const RIDGE = 0.02;

/** Copies of one image lie at 0; two looks at one hand hardly nearer than this. */
const LEAST_DISTANCE = 0.08;

/** @returns [D], w of the fit in fit-radius.ts */
export default async function fitRadius(pairs: PairsOfWitness): Promise<Float64Array> {
  const { directions, dimension, reference, questioned, distance, isGenuine } = pairs;
  const columns = dimension + 1;
  const rows = new Float64Array(distance.length * columns);
  const half = Math.sqrt(dimension) / 2;
  for (let m = 0; m < distance.length; m++) {
    const [a, b] = [reference[m]! * dimension, questioned[m]! * dimension];
    for (let k = 0; k < dimension; k++) rows[m * columns + k] = half * (directions[a + k]! + directions[b + k]!);
    rows[m * columns + dimension] = Math.log(Math.max(LEAST_DISTANCE, distance[m]!));
  }
  const { weights, scale } = fitLogistic(rows, columns, isGenuine, (column) => (column === dimension ? 0 : RIDGE));
  const slope = (column: number) => (scale[column] === 0 ? 0 : weights[column]! / scale[column]!);
  return Float64Array.from({ length: dimension }, (_, k) => -slope(k) / slope(dimension));
}
