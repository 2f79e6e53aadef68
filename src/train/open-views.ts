import type { InkImage } from '../image/types.js';
import { canvasIn, seenIn, type View } from '../image/views.js';
import type { Weights } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import type { WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';

/** What embeds images and learns nothing. */
export interface ImageEmbedder {
  readonly dimension: number;
  /** @returns [N, dimension] */
  embed(images: readonly InkImage[]): Promise<Float32Array>;
}

/** Images whose views are in memory together. */
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

/** Embeds to the directions of embeddings, rows of norm 1, whether weights have a radius or not. @param weights - batch norm folded */
export function openDirections(pool: WorkerPool, config: EmbedderConfig, weights: Weights): Promise<GradientEngine> {
  return openOneView(pool, { ...config, architecture: { ...config.architecture, radius: false } }, weights);
}

/**
 * A network that sees each signature in several views, and gives their embeddings side by side, divided by the root of their number:
 * their distances are root mean squares. So does a model file of two views (nn/two-views.ts), which is validated by this.
 *
 * @param weights - batch norm folded
 */
export async function openViews(
  pool: WorkerPool,
  config: EmbedderConfig,
  weights: Weights,
  views: readonly View[],
): Promise<ImageEmbedder> {
  const { preprocess } = config;
  const engines = await Promise.all(
    views.map((view) => {
      const canvas = canvasIn(preprocess.canvas, view);
      return openOneView(pool, { ...config, preprocess: { ...preprocess, canvas } }, weights);
    }),
  );
  const { embeddingSize } = config.architecture;
  const dimension = views.length * embeddingSize;
  const share = 1 / Math.sqrt(views.length);
  return {
    dimension,
    async embed(images) {
      const out = new Float32Array(images.length * dimension);
      for (let start = 0; start < images.length; start += AT_ONCE) {
        const some = images.slice(start, start + AT_ONCE);
        for (const [k, view] of views.entries()) {
          const rows = await engines[k]!.embed(some.map((image) => seenIn(image, view)));
          rows.forEach((value, i) => {
            const [image, column] = [Math.floor(i / embeddingSize), i % embeddingSize];
            out[(start + image) * dimension + k * embeddingSize + column] = value * share;
          });
        }
      }
      return out;
    },
  };
}
