import { mapConcurrent } from '../data/map-concurrent.js';
import type { InkImage } from '../image/types.js';
import type { RunRequest } from './messages.js';
import type { PoolSession, WorkerPool } from './pool.js';

/** Images a worker embeds at once: more gain nothing. */
export const CHUNK = 8;

export interface EmbedImagesRequest extends Pick<RunRequest, 'input' | 'batch'> {
  /** Name of the output that holds one row an image. */
  readonly output: string;
  /** Length of a row. */
  readonly dimension: number;
  /** Hears the length of the rows that came. */
  readonly requireLength?: (length: number) => void;
  /** Images in a run that has no fixed batch. */
  readonly atOnce?: number;
}

/** @returns [N, D], in the order of the images; `batch` of the request at a time, or up to `atOnce` */
export async function embedImages(
  pool: WorkerPool,
  session: PoolSession,
  images: readonly InkImage[],
  { output, dimension, requireLength, atOnce = CHUNK, ...request }: EmbedImagesRequest,
): Promise<Float32Array> {
  const size = request.batch ?? atOnce;
  const out = new Float32Array(images.length * dimension);
  await mapConcurrent(chunksOf(images, size), 2 * pool.size, async (chunk, index) => {
    const result = await pool.run(session, { ...request, images: chunk, outputs: [output] });
    const { data } = result[output]!;
    requireLength?.(data.length / (request.batch ?? chunk.length));
    out.set(data.subarray(0, chunk.length * dimension), index * size * dimension);
  });
  return out;
}

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
