import type { InkImage } from '../image/types.js';
import type { Architecture } from '../nn/architecture.js';
import type { Weights } from '../nn/weights.js';
import { meanOf, runForward, spread } from './micro-batches.js';
import { defineJob, WorkerPool } from './pool.js';

const buildStatisticsModel = defineJob<typeof import('./jobs/build-statistics-model.js').default>(
  import.meta.url,
  './jobs/build-statistics-model.js',
);

/**
 * Mean and variance of what every convolution of a folded network gives, over micro-batches of `images`.
 *
 * They run in a pool of their own: its memory goes when they are done.
 *
 * @returns `<layer>.mean` and `<layer>.variance`, means over the micro-batches (see nn/batch-norm-folding.ts)
 */
export async function measureStatistics(
  architecture: Architecture,
  folded: Weights,
  images: readonly InkImage[],
  { microBatch, workers }: { readonly microBatch: number; readonly workers: number },
): Promise<Weights> {
  const pool = new WorkerPool(workers);
  try {
    const { height, width } = images[0]!;
    const input = { batch: microBatch, height, width };
    const { model, outputs } = await pool.call(buildStatisticsModel, { architecture, input, weights: folded });
    const session = await pool.open(model);
    const microBatches = spread(images.length, microBatch);
    return meanOf(await runForward(pool, session, images, { microBatches, size: microBatch, outputs }), outputs);
  } finally {
    await pool.close();
  }
}
