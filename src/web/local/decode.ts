/** Image files to grey by the browser's own decoders, under the same limits as on a server. */
import { CountersignError } from '../../core/errors.js';
import { requireBytes, requireFormat, requirePixels, requireWhole, undecodable } from '../../image/file-checks.js';
import { writeGrey } from '../../image/grey.js';
import { headerSize } from '../../image/header-size.js';
import type { DecodeLimits } from '../../image/options.js';
import type { DecodedImage, GreyImage } from '../../image/types.js';

/** Pixels are copied out of the browser's bitmap in squares of this side: a canvas may not be as large as a bitmap. */
const TILE_PX = 1024;

/**
 * Reads a PNG, JPEG, WebP or GIF (first frame) as grey: transparent parts are white, EXIF orientation is applied, a
 * colour profile becomes sRGB.
 *
 * @param name - for messages
 * @param neededSidePx - a picture twice as large or larger, by its longer side, is halved while it is read
 * @returns [H, W] uint8, 0 = black, 255 = white
 * @throws CountersignError IMAGE_EMPTY_FILE, IMAGE_TOO_MANY_BYTES, IMAGE_TOO_MANY_PIXELS, IMAGE_TRUNCATED,
 *   IMAGE_UNDECODABLE
 */
export async function decodeBlob(
  blob: Blob,
  name: string,
  limits: DecodeLimits,
  neededSidePx: number,
): Promise<DecodedImage> {
  requireBytes(blob.size, name, limits);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const format = requireFormat(bytes, name);
  const said = headerSize(bytes, format);
  if (said !== undefined) requirePixels(said, name, limits);
  requireWhole(bytes, format, name);
  if (format === 'tiff') {
    const message = `Expected a PNG, JPEG, WebP or GIF image, but ${name} is a TIFF, which browsers do not read: let the server compare it, or save it as PNG.`;
    throw new CountersignError('IMAGE_UNDECODABLE', message);
  }
  const bitmap = await createImageBitmap(blob).catch((cause: unknown) => {
    throw undecodable(name, `it begins like ${format.toUpperCase()}, but its pixels are corrupt`, cause);
  });
  try {
    requirePixels(bitmap, name, limits);
    const { width: sourceWidth, height: sourceHeight } = bitmap;
    const isLarge = Math.max(sourceWidth, sourceHeight) >= 2 * neededSidePx;
    return { ...greyOf(bitmap, isLarge ? 2 : 1), format, sourceWidth, sourceHeight, damaged: false };
  } finally {
    bitmap.close();
  }
}

/**
 * On white, tile by tile.
 *
 * @param pxPerPx - 1, or 2: each pixel is then the mean of four, which is what drawing at half the size makes of them
 */
function greyOf(bitmap: ImageBitmap, pxPerPx: 1 | 2): GreyImage {
  const width = Math.max(1, Math.floor(bitmap.width / pxPerPx));
  const height = Math.max(1, Math.floor(bitmap.height / pxPerPx));
  const data = new Uint8Array(width * height);
  const canvas = new OffscreenCanvas(Math.min(TILE_PX, width), Math.min(TILE_PX, height));
  // Read from its own memory: a graphics card would round where colours are mixed.
  const context = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' })!;
  context.imageSmoothingEnabled = pxPerPx === 2;
  context.fillStyle = '#fff';
  for (let top = 0; top < height; top += canvas.height) {
    for (let left = 0; left < width; left += canvas.width) {
      context.resetTransform();
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.setTransform(1 / pxPerPx, 0, 0, 1 / pxPerPx, -left, -top);
      context.drawImage(bitmap, 0, 0);
      const columns = Math.min(canvas.width, width - left);
      const rows = Math.min(canvas.height, height - top);
      const rgba = context.getImageData(0, 0, columns, rows).data;
      for (let row = 0; row < rows; row++) {
        const start = (top + row) * width + left;
        writeGrey(rgba.subarray(4 * row * columns, 4 * (row + 1) * columns), data.subarray(start, start + columns));
      }
    }
  }
  return { width, height, data };
}
