import { inFourViews, VIEWS } from '../image/mirror.js';
import type { InkImage } from '../image/types.js';
import type { Weights } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import type { WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';

/** What embeds images and learns nothing. */
export interface ImageEmbedder {
  readonly dimension: number;
  /** @returns [N, dimension], rows of norm 1 */
  embed(images: readonly InkImage[]): Promise<Float32Array>;
}

/** Images whose mirrored views are in memory together. */
const AT_ONCE = 96;

type EmbedderConfig = Pick<TrainConfig, 'architecture' | 'preprocess' | 'microBatch'>;

/** An engine that only embeds. @param weights - batch norm folded */
export function openOneView(
  pool: WorkerPool,
  { architecture, preprocess, microBatch }: EmbedderConfig,
  weights: Weights,
): Promise<GradientEngine> {
  return GradientEngine.create(pool, architecture, preprocess.canvas, weights, {
    microBatch,
    isTrainable: () => false,
  });
}

/**
 * A network that sees each signature as it is and in its three mirrored forms, as a model file of four views does
 * (nn/mirrored-views.ts): what such a file is validated by, and the teacher of one view.
 *
 * @param weights - batch norm folded
 */
export async function openFourViews(
  pool: WorkerPool,
  config: EmbedderConfig,
  weights: Weights,
): Promise<ImageEmbedder> {
  const one = await openOneView(pool, config, weights);
  return {
    dimension: VIEWS.length * one.dimension,
    async embed(images) {
      const out = new Float32Array(images.length * VIEWS.length * one.dimension); // [N, views, D]
      for (let start = 0; start < images.length; start += AT_ONCE) {
        const views = inFourViews(images.slice(start, start + AT_ONCE));
        out.set(await one.embed(views), start * VIEWS.length * one.dimension);
      }
      const scale = 1 / Math.sqrt(VIEWS.length);
      return out.map((value) => value * scale);
    },
  };
}
