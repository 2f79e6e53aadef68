/**
 * What the head lets through of the features it reads, and a part of what it does not.
 *
 * A head that was learnt keeps what told the writers apart that it learnt from. Its features f [F], means (and standard deviations) over
 * regions of M maps, know more. Those of each map [B], standardised, are whitened, so that in every direction signatures of one hand, and
 * signatures of all hands, differ about as much,
 *
 *     C = S + T,  S their covariance around the mean of each identity, T around the mean of all,
 *     0.8 B C / trace C + 0.2 I  =  L L^T,        x = L^-1 f,
 *
 * and stand beside the head's own h [D], as it is before it gets norm 1. Of all the K directions of highest variance are taken:
 *
 *     y = [ sqrt(1 - share) h / mean |h| ; sqrt(share / M) x / mean |x| of each map ],
 *     an embedding is  U^T y / |U^T y|,  U [D + F, K]
 *
 * so that about `share` of a squared distance is what the features say, each map as much as another: one of few channels is not drowned by
 * one of many. `mapsTogether` takes them for one map, so that what two of them say alike counts once, and every feature as much as
 * another. Norms and variance are over each image once, mean and covariance of features over images as they are drawn, data sets by
 * their shares. All of it is linear in f, so it is a head again: with K = D the network stays as large and as fast as it was.
 *
 * @see Jegou and Chum (2012), "Negative evidences and co-occurrences in image retrieval: the benefit of PCA and whitening"
 */

import type { View } from '../image/views.js';
import type { Architecture } from '../nn/architecture.js';
import { headOf, withHead } from '../nn/head.js';
import { featuresByMap } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import { joined } from '../runtime/micro-batches.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import type { DrawnImages } from './draw-identities.js';
import { openView } from './open-views.js';

const merge = defineJob<typeof import('./jobs/merge-features.js').default>(import.meta.url, './jobs/merge-features.js');

/**
 * @param pool - where the network runs, and the fit
 * @param weights - batch norm folded; a radius among them plays no part, and is of other embeddings afterwards
 * @param views - that the weights are to embed images in; features are of the images in all of them
 * @returns all of them, the head's changed, and the architecture that they are of, without a radius
 */
export async function mergeFeatures(
  pool: WorkerPool,
  config: TrainConfig,
  weights: Weights,
  drawn: DrawnImages,
  views: readonly View[],
): Promise<{ weights: Weights; architecture: Architecture }> {
  const { images, groups } = drawn;
  const maps = featuresByMap(config.architecture);
  const features: Float32Array[] = [];
  for (const view of views) {
    features.push(await (await openView(pool, config, weights, view)).features(images));
  }
  const head = await pool.call(merge, {
    features: joined(features),
    count: maps.flat().length,
    maps: config.mapsTogether ? [maps.flat()] : maps,
    groups: views.flatMap((_, k) => groups.map((rows) => rows.map((row) => k * images.length + row))),
    share: config.featureShare,
    ...headOf(weights),
    wanted: config.mergedSize || config.architecture.embeddingSize,
    seed: config.seed,
  });
  return {
    weights: withHead(weights, head),
    architecture: { ...config.architecture, embeddingSize: head.bias.data.length, radius: false },
  };
}
