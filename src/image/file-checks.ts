/** What refuses an image file before it is decoded, in a browser as on a server. Each throws a CountersignError. */
import { CountersignError } from '../core/errors.js';
import { DEFAULT_DECODE_LIMITS, type DecodeLimits } from './decode-limits.js';
import { endsEarly, type ImageFormat, sniffFormat } from './file-format.js';
import type { PixelSize } from './header-size.js';

/** @throws IMAGE_EMPTY_FILE, IMAGE_TOO_MANY_BYTES */
export function requireBytes(
  size: number,
  name: string,
  { maxBytes = DEFAULT_DECODE_LIMITS.maxBytes }: DecodeLimits,
): void {
  if (size === 0) throw new CountersignError('IMAGE_EMPTY_FILE', `Expected an image, but ${name} has 0 bytes.`);
  if (size <= maxBytes) return;
  throw new CountersignError('IMAGE_TOO_MANY_BYTES', `Expected at most ${maxBytes} bytes, but ${name} has ${size}.`, {
    details: { bytes: size, maxBytes },
  });
}

/** @throws IMAGE_UNDECODABLE */
export function requireFormat(bytes: Uint8Array, name: string): ImageFormat {
  const format = sniffFormat(bytes);
  if (format === undefined) throw undecodable(name, 'it does not begin like any of these');
  return format;
}

/** @throws IMAGE_TOO_MANY_PIXELS */
export function requirePixels(
  { width, height }: PixelSize,
  name: string,
  { maxPixels = DEFAULT_DECODE_LIMITS.maxPixels }: DecodeLimits,
): void {
  const pixels = width * height;
  if (pixels <= maxPixels) return;
  throw new CountersignError(
    'IMAGE_TOO_MANY_PIXELS',
    `Expected at most ${maxPixels} pixels, but ${name} has ${width} x ${height} = ${pixels}.`,
    { details: { width, height, maxPixels } },
  );
}

/** @throws IMAGE_TRUNCATED */
export function requireWhole(bytes: Uint8Array, format: ImageFormat, name: string): void {
  if (endsEarly(bytes, format)) throw truncated(name, format);
}

export function truncated(name: string, format: ImageFormat, cause?: unknown): CountersignError {
  const message = `Expected a whole ${format.toUpperCase()} file, but ${name} ends early.`;
  return new CountersignError('IMAGE_TRUNCATED', message, { cause, details: { format } });
}

export function undecodable(name: string, reason: string, cause?: unknown): CountersignError {
  const message = `Expected a PNG, JPEG, WebP, TIFF or GIF image, but ${name} cannot be decoded: ${reason}.`;
  return new CountersignError('IMAGE_UNDECODABLE', message, { cause });
}
