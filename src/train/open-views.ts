import type { InkImage } from '../image/types.js';
import { canvasIn, seenIn, type View } from '../image/views.js';
import type { Weights } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import { joined } from '../runtime/micro-batches.js';
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
 * A network that sees images of a canvas in one view.
 *
 * @param weights - batch norm folded
 */
export async function openView(
  pool: WorkerPool,
  config: EmbedderConfig,
  weights: Weights,
  view: View,
): Promise<Pick<GradientEngine, 'embed' | 'features'>> {
  const preprocess = { ...config.preprocess, canvas: canvasIn(config.preprocess.canvas, view) };
  const engine = await openOneView(pool, { ...config, preprocess }, weights);
  const inParts = (what: 'embed' | 'features') => async (images: readonly InkImage[]) => {
    const parts: Float32Array[] = [];
    for (let start = 0; start < images.length; start += AT_ONCE) {
      parts.push(await engine[what](images.slice(start, start + AT_ONCE).map((image) => seenIn(image, view))));
    }
    return joined(parts);
  };
  return { embed: inParts('embed'), features: inParts('features') };
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
  const networks = await Promise.all(views.map((view) => openView(pool, config, weights, view)));
  const { embeddingSize } = config.architecture;
  const dimension = views.length * embeddingSize;
  const share = 1 / Math.sqrt(views.length);
  return {
    dimension,
    async embed(images) {
      const out = new Float32Array(images.length * dimension);
      for (const [k, network] of networks.entries()) {
        (await network.embed(images)).forEach((value, i) => {
          const [image, column] = [Math.floor(i / embeddingSize), i % embeddingSize];
          out[image * dimension + k * embeddingSize + column] = value * share;
        });
      }
      return out;
    },
  };
}
