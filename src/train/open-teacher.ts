import { Rng } from '../core/rng.js';
import type { InkImage } from '../image/types.js';
import { dimensionOf } from '../nn/model-metadata.js';
import { serialize } from '../nn/serialize.js';
import { quantizedInViews } from '../nn/two-views.js';
import type { Weights } from '../nn/weights.js';
import { embedImages } from '../runtime/embed-images.js';
import { type FloatModel, fitQuantization, type QuantizationFit } from '../runtime/fit-quantization.js';
import { WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import type { ImageEmbedder } from './open-views.js';

/** Images, of those that training learns from, that the teacher's 8 bits are fitted on. */
const FITTED_ON = 200;

/** Images a worker embeds at once, in two views. */
const AT_ONCE = 4;

/**
 * Whom one view learns from: the weights of the start as a model of two views, of 8-bit integers, which look at a batch in a
 * fraction of the time that learning from it takes. On the processor whatever the device: there it has threads that wait.
 *
 * @param images - that training learns from
 */
export async function openTeacher(
  pool: WorkerPool,
  { architecture, preprocess, seed }: Pick<TrainConfig, 'architecture' | 'preprocess' | 'seed'>,
  weights: Weights,
  images: readonly InkImage[],
): Promise<ImageEmbedder> {
  const looks = { architecture, preprocess, views: 2 } as const;
  const some = new Rng(seed).fork('teacher').sample(images, FITTED_ON);
  const fit = await fitIn(new WorkerPool(pool.size), { metadata: looks, weights }, some);
  const { graph, embedding } = quantizedInViews(looks, fit.weights, fit.ranges);
  const session = await pool.open(serialize(graph, { outputs: { embedding }, symbolicBatch: true }));
  const dimension = dimensionOf(looks);
  return {
    dimension,
    embed: (batch) => embedImages(pool, session, batch, { output: 'embedding', dimension, atOnce: AT_ONCE }),
  };
}

/** @param pool - closed afterwards, so that the float networks of the fit are not kept for the whole training */
async function fitIn(pool: WorkerPool, model: FloatModel, images: readonly InkImage[]): Promise<QuantizationFit> {
  try {
    return await fitQuantization(pool, model, images);
  } finally {
    await pool.close();
  }
}
