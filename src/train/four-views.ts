/**
 * A network that sees each signature as it is and mirrored, three times more, as the model file of four views does
 * (nn/mirrored-views.ts): what training validates such a file by, and the teacher of one view.
 */
import { mirror, VIEWS } from '../image/mirror.js';
import type { InkImage } from '../image/types.js';
import type { Weights } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import type { ImageSet } from './train.js';
import type { Validation } from './validate.js';

const validate = defineJob<typeof import('./jobs/validate.js').default>(import.meta.url, './jobs/validate.js');

export interface FourViews {
  readonly dimension: number;
  /** @returns [N, dimension], rows of norm 1 */
  embed(images: readonly InkImage[]): Promise<Float32Array>;
}

/** @param weights - batch norm folded */
export async function openFourViews(
  pool: WorkerPool,
  { architecture, preprocess, microBatch }: Pick<TrainConfig, 'architecture' | 'preprocess' | 'microBatch'>,
  weights: Weights,
): Promise<FourViews> {
  const embedOnly = { microBatch, isTrainable: () => false };
  const engine = await GradientEngine.create(pool, architecture, preprocess.canvas, weights, embedOnly);
  return {
    dimension: VIEWS.length * engine.dimension,
    async embed(images) {
      const views = images.flatMap((image) => VIEWS.map(([x, y]) => mirror(image, x, y)));
      const rows = await engine.embed(views); // [N, views, D], each of norm 1
      const scale = 1 / Math.sqrt(VIEWS.length);
      return rows.map((value) => value * scale);
    },
  };
}

/** What the validation writers say of weights that see four views. */
export async function validateFourViews(
  pool: WorkerPool,
  config: TrainConfig,
  weights: Weights,
  { samples, images }: ImageSet,
): Promise<Validation> {
  const views = await openFourViews(pool, config, weights);
  const embeddings = await views.embed(images);
  return pool.call(validate, { samples, embeddings, dimension: views.dimension, leftOut: config.leaveOut });
}
