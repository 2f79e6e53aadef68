/**
 * A head for features that the start's own head does not read.
 *
 * Where a network is to end at an earlier map, or reads further regions, its head [D, F] would begin as random numbers. What the start's
 * head says of its features, h [D] before it gets norm 1, can be said of the new features f [F] nearly as well. With z [F] these, standardised,
 * and Z [N, F], H [N, D] those of N images around their means,
 *
 *     W = H^T Z (Z^T Z + (N - 1) ridge I)^-1,        h = W z + mean h,
 *
 * is least squares, with a ridge that keeps W from learning single images by heart. Linear in f, so it is a head.
 */

import { headOf, withHead } from '../nn/head.js';
import type { Weights } from '../nn/weights.js';
import { defineJob, WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import type { DrawnImages } from './draw-identities.js';
import type { SourceModel } from './initial-weights.js';
import { openOneView } from './open-views.js';

const fit = defineJob<typeof import('./jobs/fit-head.js').default>(import.meta.url, './jobs/fit-head.js');

/**
 * @param threads - of the processor, whatever the device: the same head on each
 * @param weights - of the start, as far as they fit the architecture
 * @param source - the model they are of; its radius plays no part
 * @returns the weights with such a head
 */
export async function inheritHead(
  threads: number,
  config: TrainConfig,
  weights: Weights,
  source: SourceModel,
  { images }: DrawnImages,
): Promise<Weights> {
  const pool = new WorkerPool(threads); // of its own, so that neither network is kept for the whole training
  try {
    const before = await openOneView(pool, { ...config, architecture: source.architecture }, source.weights);
    const after = await openOneView(pool, config, weights);
    const head = await pool.call(fit, {
      before: await before.features(images),
      ...headOf(source.weights),
      features: await after.features(images),
      count: after.featureCount,
    });
    return withHead(weights, head);
  } finally {
    await pool.close();
  }
}
