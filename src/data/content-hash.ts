import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CountersignError } from '../core/errors.js';

/** SHA-256 in hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * SHA-256 of a file's bytes, in hexadecimal; a file of any size, piece by piece.
 *
 * @throws IMAGE_NOT_FOUND
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new CountersignError('IMAGE_NOT_FOUND', `Expected to read ${path}, but ${reason} came.`, {
      cause,
      details: { path },
    });
  }
  return hash.digest('hex');
}
