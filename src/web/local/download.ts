/** Files that are loaded only when they are asked for, large enough that one wants to see them come. */
import { CountersignError } from '../../core/errors.js';

export interface Download {
  readonly url: string;
  /** About how many bytes: known beforehand, since a server that compresses does not say how many there will be. */
  readonly aboutBytes: number;
}

/**
 * @param onProgress - hears the share of all bytes that are here, 0 .. 1
 * @returns the files whole, in their order
 * @throws CountersignError MODEL_NOT_FOUND where the server has none; a TypeError of `fetch` where no server answers
 */
export async function download(
  downloads: readonly Download[],
  onProgress: (share: number) => void,
): Promise<ArrayBuffer[]> {
  const expected = downloads.reduce((sum, { aboutBytes }) => sum + aboutBytes, 0);
  let received = 0;
  const files = await Promise.all(
    downloads.map(({ url }) =>
      fetchWhole(url, (bytes) => {
        received += bytes;
        onProgress(Math.min(1, received / expected));
      }),
    ),
  );
  onProgress(1);
  return files;
}

async function fetchWhole(url: string, onBytes: (count: number) => void): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) {
    throw new CountersignError('MODEL_NOT_FOUND', `Expected a file at ${url}; the server answered ${response.status}.`);
  }
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        onBytes(chunk.length);
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(counted).arrayBuffer();
}
