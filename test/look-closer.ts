/** A closer look at an image, computed without the code under test. */
import type { InkImage } from '../src/image/types.js';

/** One and a half times as large, mirrored left to right before if asked for: each pixel a sum over the four that it lies between. */
export function closer({ width, height, data: pixels }: InkImage, isMirrored: boolean): InkImage {
  const size = { width: Math.floor(width * 1.5), height: Math.floor(height * 1.5) };
  const within = (at: number, last: number) => Math.max(0, Math.min(last, at));
  const out = new Uint8Array(size.width * size.height).map((_, i) => {
    const along = within(((i % size.width) + 0.5) / 1.5 - 0.5, width - 1);
    const x = isMirrored ? width - 1 - along : along;
    const y = within((Math.floor(i / size.width) + 0.5) / 1.5 - 0.5, height - 1);
    let sum = 0;
    for (let row = Math.floor(y); row <= Math.ceil(y); row++) {
      for (let column = Math.floor(x); column <= Math.ceil(x); column++) {
        sum += pixels[row * width + column]! * (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
      }
    }
    return Math.floor(sum + 0.51);
  });
  return { ...size, data: out };
}
