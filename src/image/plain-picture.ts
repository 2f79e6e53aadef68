/** The picture of a file as it is, paper and all, at the size that a network of others takes. */
import { decodeImage } from './decode.js';
import type { DecodeLimits } from './decode-limits.js';
import { resample } from './geometry.js';
import type { InkImage } from './types.js';

interface Size {
  readonly height: number;
  readonly width: number;
}

export interface PlainPictureOptions {
  readonly canvas: Size;
  /** `fit` keeps the aspect, in the middle of white. */
  readonly resize: 'stretch' | 'fit';
  /** White kept free on every side, in px. */
  readonly marginPx: number;
}

/**
 * Decodes and resizes, and nothing else: greys of paper and ink, lines and dirt stay.
 *
 * @returns `ink` [canvas.height, canvas.width] uint8, 255 - grey
 * @throws CountersignError IMAGE_* (see `decodeImage`)
 */
export async function plainPicture(
  source: string | Uint8Array,
  { canvas: { height, width }, resize, marginPx }: PlainPictureOptions,
  limits: DecodeLimits = {},
): Promise<{ readonly ink: InkImage }> {
  const image = await decodeImage(source, limits);
  const whole = { left: 0, top: 0, right: image.width, bottom: image.height };
  const room = { height: Math.max(1, height - 2 * marginPx), width: Math.max(1, width - 2 * marginPx) };
  const size = resize === 'stretch' ? room : fitInto(room, image);
  const resized = resample(image, whole, size.width, size.height);
  const data = new Uint8Array(height * width); // white
  const [left, top] = [(width - size.width) >> 1, (height - size.height) >> 1];
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      data[(top + y) * width + left + x] = 255 - resized.data[y * size.width + x]!;
    }
  }
  return { ink: { width, height, data } };
}

function fitInto(room: Size, image: Size): Size {
  const scale = Math.min(room.width / image.width, room.height / image.height);
  return {
    height: Math.min(room.height, Math.max(1, Math.round(image.height * scale))),
    width: Math.min(room.width, Math.max(1, Math.round(image.width * scale))),
  };
}
