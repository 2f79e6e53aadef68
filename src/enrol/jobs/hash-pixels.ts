import { pixelHash } from '../../data/pixel-hash.js';
import type { DecodeLimits } from '../../image/decode-limits.js';

export interface HashPixels {
  readonly image: Uint8Array;
  readonly limits: DecodeLimits;
}

/** Runs in a worker: a large scan is decoded whole. */
export default function hashPixels({ image, limits }: HashPixels): Promise<string> {
  return pixelHash(image, limits);
}
