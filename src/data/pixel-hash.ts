import { createHash } from 'node:crypto';
import { decodeImage } from '../image/decode.js';
import type { DecodeLimits } from '../image/decode-limits.js';

/**
 * SHA-256 of a picture's size and grey, in hexadecimal: the same however it was encoded.
 *
 * @param source - path of an image file, or the file's bytes
 * @throws CountersignError IMAGE_* (see `decodeImage`)
 */
export async function pixelHash(source: string | Uint8Array, limits: DecodeLimits = {}): Promise<string> {
  const { width, height, data } = await decodeImage(source, limits);
  return createHash('sha256').update(`${width}x${height} `).update(data).digest('hex');
}
