import { type ModelMetadata, viewsOf } from '../nn/model-metadata.js';
import type { Weights } from '../nn/weights.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import { openViews } from './open-views.js';
import type { ImageSet } from './train.js';
import type { Validation } from './validate.js';

const validate = defineJob<typeof import('./jobs/validate.js').default>(import.meta.url, './jobs/validate.js');

/** What the validation writers say of weights once training is over. @param weights - batch norm folded */
export async function validateWeights(
  pool: WorkerPool,
  config: TrainConfig,
  weights: Weights,
  { samples, images }: ImageSet,
  views: ModelMetadata['views'] = 1,
): Promise<Validation> {
  const embedder = await openViews(pool, config, weights, viewsOf({ views }));
  const embeddings = await embedder.embed(images);
  return pool.call(validate, { samples, embeddings, dimension: embedder.dimension, leftOut: config.leaveOut });
}
