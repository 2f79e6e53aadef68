/** Image files to grey by the browser's own decoders, under the same limits as on a server. */
import { CountersignError } from '../../core/errors.js';
import { requireBytes, requireFormat, requirePixels, requireWhole, undecodable } from '../../image/file-checks.js';
import { writeGrey } from '../../image/grey.js';
import { headerSize } from '../../image/header-size.js';
import type { DecodeLimits } from '../../image/options.js';
import type { DecodedImage } from '../../image/types.js';

/** Pixels are copied out of the browser's bitmap in squares of this side: a canvas may not be as large as a bitmap. */
const TILE_PX = 1024;

/**
 * Reads a PNG, JPEG, WebP or GIF (first frame) as grey: transparent parts are white, EXIF orientation is applied, a
 * colour profile becomes sRGB. Whole, where the server reduces a large picture while it decodes.
 *
 * @param name - for messages
 * @returns [H, W] uint8, 0 = black, 255 = white
 * @throws CountersignError IMAGE_EMPTY_FILE, IMAGE_TOO_MANY_BYTES, IMAGE_TOO_MANY_PIXELS, IMAGE_TRUNCATED,
 *   IMAGE_UNDECODABLE
 */
export async function decodeBlob(blob: Blob, name: string, limits: DecodeLimits = {}): Promise<DecodedImage> {
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
    const { width, height } = bitmap;
    return { width, height, data: greyOf(bitmap), format, sourceWidth: width, sourceHeight: height, damaged: false };
  } finally {
    bitmap.close();
  }
}

/** On white, tile by tile. */
function greyOf(bitmap: ImageBitmap): Uint8Array {
  const { width, height } = bitmap;
  const data = new Uint8Array(width * height);
  const tileWidth = Math.min(TILE_PX, width);
  const canvas = new OffscreenCanvas(tileWidth, Math.min(TILE_PX, height));
  // Read from its own memory: a graphics card would round where colours are mixed.
  const context = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' })!;
  context.imageSmoothingEnabled = false;
  context.fillStyle = '#fff';
  for (let top = 0; top < height; top += canvas.height) {
    for (let left = 0; left < width; left += tileWidth) {
      context.fillRect(0, 0, tileWidth, canvas.height);
      context.drawImage(bitmap, -left, -top);
      const columns = Math.min(tileWidth, width - left);
      const rows = Math.min(canvas.height, height - top);
      const rgba = context.getImageData(0, 0, columns, rows).data;
      for (let row = 0; row < rows; row++) {
        const start = (top + row) * width + left;
        writeGrey(rgba.subarray(4 * row * columns, 4 * (row + 1) * columns), data.subarray(start, start + columns));
      }
    }
  }
  return data;
}
