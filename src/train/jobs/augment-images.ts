import { Rng } from '../../core/rng.js';
import { type AugmentOptions, augment } from '../../image/augment.js';
import type { InkImage } from '../../image/types.js';

export interface AugmentImages {
  readonly images: readonly InkImage[];
  readonly options: AugmentOptions;
  readonly seed: number;
  readonly step: number;
  /** Row of the first image in its batch. */
  readonly firstRow: number;
}

/** Runs in a worker. What row r of step t becomes depends on seed, t and r alone. */
export default function augmentImages({ images, options, seed, step, firstRow }: AugmentImages): InkImage[] {
  const rng = new Rng(seed).fork('step').fork(step);
  return images.map((image, i) => augment(image, rng.fork(firstRow + i), options));
}
