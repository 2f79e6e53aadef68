import type { InkImage } from './types.js';

/** What a signature may be seen as: [left to right, top to bottom]. */
export const VIEWS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** Each image as it is and mirrored, in the order of `VIEWS`: [N, views]. */
export function inFourViews(images: readonly InkImage[]): InkImage[] {
  return images.flatMap((image) => VIEWS.map(([x, y]) => mirror(image, x, y)));
}

/** Left to right, top to bottom, both or neither. */
export function mirror({ width, height, data }: InkImage, mirrorX: boolean, mirrorY: boolean): InkImage {
  if (!mirrorX && !mirrorY) return { width, height, data };
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const at = (mirrorY ? height - 1 - y : y) * width;
    out.set(row, at);
    if (mirrorX) out.subarray(at, at + width).reverse();
  }
  return { width, height, data: out };
}
