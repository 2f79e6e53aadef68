import type { LoadOptions } from '../data/cache.js';
import { defineJob, type WorkerPool } from './pool.js';

const preprocessImage = defineJob<typeof import('./jobs/preprocess-image.js').default>(
  import.meta.url,
  './jobs/preprocess-image.js',
);

/** For `loadPreprocessed`: images are decoded and preprocessed on the pool's threads. */
export function preprocessIn(pool: WorkerPool): Required<Pick<LoadOptions, 'preprocess' | 'concurrency'>> {
  return {
    preprocess: (source, options) => pool.call(preprocessImage, { source, options }),
    concurrency: 2 * pool.size,
  };
}
