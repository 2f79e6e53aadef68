/**
 * Within-class covariance normalisation: embeddings of one writer come to differ as much in every direction.
 *
 * In some directions signatures of one hand vary, in others they hardly do, and a distance that counts both alike takes a
 * genuine signature that varies for another's. With S the covariance [D, D] of unit embeddings u around the mean of their identity,
 *
 *     share D S / trace S + (1 - share) I  =  L L^T,        an embedding becomes  L^-1 u / |L^-1 u|
 *
 * Since u is the head's product divided by its norm, L^-1 goes into the head: the network stays as large and as fast as it was.
 *
 * @see Hatch, Kajarekar and Stolcke (2006), "Within-class covariance normalization for SVM-based speaker recognition"
 */

import { headOf, withHead } from '../nn/head.js';
import type { Weights } from '../nn/weights.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import type { DrawnImages } from './draw-identities.js';
import { openDirections } from './open-views.js';

const whiten = defineJob<typeof import('./jobs/whiten.js').default>(import.meta.url, './jobs/whiten.js');

/**
 * @param pool - where the network runs, and the fit
 * @param weights - batch norm folded; a radius among them plays no part, and is of other embeddings afterwards
 * @returns all of them, the head's changed
 */
export async function whitenHead(
  pool: WorkerPool,
  config: TrainConfig,
  weights: Weights,
  drawn: DrawnImages,
): Promise<Weights> {
  const network = await openDirections(pool, config, weights);
  const head = await pool.call(whiten, {
    vectors: await network.embed(drawn.images),
    dimension: network.dimension,
    groups: drawn.groups,
    share: config.whiteningShare,
    ...headOf(weights),
  });
  return withHead(weights, head);
}
