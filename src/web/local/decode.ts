/** Image files to grey by the browser's own decoders, under the same limits as on a server. */
import { CountersignError } from '../../core/errors.js';
import type { DecodeLimits } from '../../image/decode-limits.js';
import { requireBytes, requireFormat, requirePixels, requireWhole, undecodable } from '../../image/file-checks.js';
import { writeGrey } from '../../image/grey.js';
import { headerSize, type PixelSize } from '../../image/header-size.js';
import type { DecodedImage, GreyImage } from '../../image/types.js';

/** Pixels are copied out of the browser's bitmap in squares of this side: a canvas may not be as large as a bitmap. */
const TILE_PX = 1024;

/**
 * Reads a PNG, JPEG, WebP or GIF (first frame) as grey: transparent parts are white, EXIF orientation is applied, a
 * colour profile becomes sRGB.
 *
 * @param name - for messages
 * @param neededSidePx - a picture twice as large or larger, by its longer side, is reduced while it is read, to no less
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
  const reduced = format === 'jpeg' && said && (await decodeReduced(bytes, said, neededSidePx));
  if (reduced) {
    const isTurned = reduced.width > reduced.height !== said.width > said.height && said.width !== said.height;
    const [sourceWidth, sourceHeight] = isTurned ? [said.height, said.width] : [said.width, said.height];
    return { ...greyOf(reduced, 1), format, sourceWidth, sourceHeight, damaged: false };
  }
  const bitmap = await createImageBitmap(blob).catch((cause: unknown) => {
    throw undecodable(name, `it begins like ${format.toUpperCase()}, but its pixels are corrupt`, cause);
  });
  const { width: sourceWidth, height: sourceHeight } = bitmap;
  requirePixels(bitmap, name, limits);
  const isLarge = Math.max(sourceWidth, sourceHeight) >= 2 * neededSidePx;
  return { ...greyOf(bitmap, isLarge ? 2 : 1), format, sourceWidth, sourceHeight, damaged: false };
}

/**
 * A JPEG larger than needed, decoded at as many eighths of its size as are: that is a fraction of the work. Undefined where
 * eight are needed, and where this browser cannot, or not this file; reading it whole then says why.
 *
 * @param size - as it is in the file, before EXIF orientation is applied
 */
async function decodeReduced(
  bytes: Uint8Array<ArrayBuffer>,
  { width, height }: PixelSize,
  neededSidePx: number,
): Promise<ImageBitmap | undefined> {
  const share = Math.ceil((8 * neededSidePx) / Math.max(width, height)) / 8;
  if (share >= 1 || !('ImageDecoder' in globalThis)) return undefined;
  const [desiredWidth, desiredHeight] = [Math.ceil(share * width), Math.ceil(share * height)];
  const decoder = new ImageDecoder({ type: 'image/jpeg', data: bytes, desiredWidth, desiredHeight });
  try {
    const { image } = await decoder.decode();
    const bitmap = await createImageBitmap(image); // upright; reading the frame itself takes memory for each tile
    image.close();
    return bitmap;
  } catch {
    return undefined;
  } finally {
    decoder.close();
  }
}

/** One for all: a new one for each picture is memory that the browser gives back late. */
let tile: OffscreenCanvas | undefined;

/**
 * On white, tile by tile. The bitmap is closed.
 *
 * @param pxPerPx - 1, or 2: each pixel is then the mean of four, which is what drawing at half the size makes of them
 */
function greyOf(bitmap: ImageBitmap, pxPerPx: 1 | 2): GreyImage {
  const width = Math.max(1, Math.floor(bitmap.width / pxPerPx));
  const height = Math.max(1, Math.floor(bitmap.height / pxPerPx));
  const data = new Uint8Array(width * height);
  tile ??= new OffscreenCanvas(TILE_PX, TILE_PX);
  // Read from its own memory: a graphics card would round where colours are mixed.
  const context = tile.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' })!;
  context.imageSmoothingEnabled = pxPerPx === 2;
  context.fillStyle = '#fff';
  for (let top = 0; top < height; top += TILE_PX) {
    for (let left = 0; left < width; left += TILE_PX) {
      const columns = Math.min(TILE_PX, width - left);
      const rows = Math.min(TILE_PX, height - top);
      context.resetTransform();
      context.fillRect(0, 0, columns, rows);
      context.setTransform(1 / pxPerPx, 0, 0, 1 / pxPerPx, -left, -top);
      context.drawImage(bitmap, 0, 0);
      const rgba = context.getImageData(0, 0, columns, rows).data;
      for (let row = 0; row < rows; row++) {
        const start = (top + row) * width + left;
        writeGrey(rgba.subarray(4 * row * columns, 4 * (row + 1) * columns), data.subarray(start, start + columns));
      }
    }
  }
  bitmap.close();
  return { width, height, data };
}
