/**
 * The radius of embeddings: what makes distances of different writers mean the same.
 *
 * Distances are not of one scale. All signatures of one writer lie close together, forgeries too, and all of another far
 * apart; a threshold of each writer's own would err a third less than one for all. How a signature looks says some of it. A network cannot
 * learn it from its own distances to writers it learnt from, which are short for everyone; a witness can, a network that learnt from
 * none of them. With its distance d_w and the unit embeddings u [D] of the network itself,
 *
 *     log odds of genuine  =  c - k (log d_w(a, b) - (g(a) + g(b)) / 2),        g = sqrt(D) u . w
 *
 * is fitted by logistic regression, and an embedding becomes r u with the radius r = exp(-share (g - mean of g)): Euclidean
 * distances of who lies far apart shrink, those of who lies close together grow. `share` is less than 1, since the
 * witness errs more than the network does.
 */
import { RADIUS_PREFIX } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import { openDirections } from './open-views.js';
import type { Testimony } from './witness.js';

const fitScale = defineJob<typeof import('./jobs/fit-scale.js').default>(import.meta.url, './jobs/fit-scale.js');

/**
 * @param pool - where the network runs, and the fit
 * @param weights - batch norm folded; a radius that is among them is replaced
 * @returns those of the network, and its radius
 * @throws CountersignError INVALID_ARGUMENT where forgeries of one scale do not lie farther than genuine signatures to the witness
 */
export async function fitRadius(
  pool: WorkerPool,
  config: TrainConfig,
  weights: Weights,
  { images, pairs }: Testimony,
): Promise<Weights> {
  const own = await openDirections(pool, config, weights);
  const { dimension } = own;
  const directions = await own.embed(images);
  const w = await pool.call(fitScale, { directions, dimension, ...pairs });
  const weight = w.map((value) => -config.radiusShare * value);
  let sum = 0;
  directions.forEach((value, i) => {
    sum += value * weight[i % dimension]!;
  });
  const bias = (-Math.sqrt(dimension) * sum * dimension) / directions.length;
  return new Map([
    ...weights,
    [`${RADIUS_PREFIX}weight`, { shape: [dimension], data: Float32Array.from(weight) }],
    [`${RADIUS_PREFIX}bias`, { shape: [1], data: Float32Array.of(bias) }],
  ]);
}
