import { Rng } from '../../core/rng.js';
import { type AugmentOptions, augment } from '../../image/augment.js';
import { drawHand } from '../../image/hand.js';
import { drawImitator } from '../../image/imitation.js';
import { splice } from '../../image/splice.js';
import type { InkImage } from '../../image/types.js';

export interface AugmentImages {
  readonly images: readonly InkImage[];
  /** Number of each image's writer in the batch. */
  readonly identities: readonly number[];
  /** 1 for each image that is imitated. */
  readonly imitated: Uint8Array;
  /** What each image goes on as, if it does, and its own share of the width. */
  readonly continuations: readonly ({ readonly image: InkImage; readonly share: number } | undefined)[];
  readonly options: AugmentOptions;
  readonly seed: number;
  readonly step: number;
  /** Row of the first image in its batch. */
  readonly firstRow: number;
}

/** Runs in a worker. What row r of step t becomes depends on seed, t and r alone. */
export default function augmentImages(request: AugmentImages): InkImage[] {
  const { images, identities, imitated, continuations, options, seed, step, firstRow } = request;
  const rng = new Rng(seed).fork('step').fork(step);
  return images.map((image, i) => {
    const hand = drawHand(rng.fork('hands'), rng.fork('hand').fork(identities[i]!), options);
    const row = rng.fork(firstRow + i);
    const imitator = imitated[i] === 1 ? drawImitator(row.fork('imitator')) : undefined;
    const other = continuations[i];
    const written = other ? splice(image, other.image, other.share) : image;
    return augment(written, row, options, hand, imitator);
  });
}
