import { createHash } from 'node:crypto';
import { hashFile } from './content-hash.js';
import type { Sample } from './dataset.js';
import { mapConcurrent } from './map-concurrent.js';
import { compareNatural } from './natural-order.js';

/**
 * What a run was made from: a hash over every sample's id, labels and file content. It depends neither on the order of
 * the samples nor on where the files lie.
 *
 * @returns SHA-256, 64 hexadecimal digits
 * @throws IMAGE_NOT_FOUND when a file is gone
 */
export async function hashSamples(samples: readonly Sample[]): Promise<string> {
  const sorted = [...samples].sort((a, b) => compareNatural(a.id, b.id));
  const contents = await mapConcurrent(sorted, 16, ({ path }) => hashFile(path));
  const hash = createHash('sha256');
  sorted.forEach(({ id, writer, identity, kind }, i) => {
    hash.update(`${JSON.stringify([id, writer, identity, kind, contents[i]])}\n`);
  });
  return hash.digest('hex');
}
