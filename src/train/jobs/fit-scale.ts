/** Runs in a worker: Newton's method over some ten thousand pairs. */
import { CountersignError } from '../../core/errors.js';
import { fitLogistic } from '../../evaluate/logistic-regression.js';

/** Pairs of images, and how far apart a witness finds them. */
export interface WitnessedPairs {
  /** [M] rows of images. */
  readonly reference: Uint32Array;
  readonly questioned: Uint32Array;
  /** [M] */
  readonly distance: Float32Array;
  /** [M] */
  readonly isGenuine: Uint8Array;
}

/** The same, and the embeddings of the network whose scale is sought. */
export interface ScaleInput extends WitnessedPairs {
  /** [N, D], rows of norm 1. */
  readonly directions: Float32Array;
  readonly dimension: number;
}

/** Weight of half the square of each component's weight, of the standardised component, beside the mean log loss. The distance has none. */
const RIDGE = 0.02;

/** Copies of one image lie at 0; two looks at one hand hardly nearer than this. */
const LEAST_DISTANCE = 0.08;

/** @returns [D], w of the fit in fit-radius.ts @throws CountersignError INVALID_ARGUMENT for a witness that tells nothing */
export default async function fitScale(pairs: ScaleInput): Promise<Float64Array> {
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
  const coefficient = (column: number) => (scale[column] === 0 ? 0 : weights[column]! / scale[column]!);
  const w = Float64Array.from({ length: dimension }, (_, k) => -coefficient(k) / coefficient(dimension));
  if (coefficient(dimension) < 0 && w.every(Number.isFinite)) return w;
  const message =
    'Expected a --witness to whom genuine signatures lie nearer than forged ones; to this one they do not.';
  throw new CountersignError('INVALID_ARGUMENT', message);
}
