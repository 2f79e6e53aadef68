/** Image files to embeddings, inside a worker: decoding, preprocessing and the network without leaving the thread. */
import { CountersignError } from '../core/errors.js';
import { mapConcurrent } from '../data/map-concurrent.js';
import type { PreprocessedImage } from '../image/prepare-decoded.js';
import { preprocess } from '../image/preprocess.js';
import { imageBatch } from './image-batch.js';
import type { EmbeddedFile, EmbedFilesRequest } from './messages.js';
import type { Session } from './session.js';
import { describeError } from './worker-error.js';

/** The decoder works on threads of its own, four of them: while it reads some files, this thread preprocesses another. */
const DECODED_AHEAD = 4;

/** @returns in the order of the sources; an image that fails is told in its place */
export async function embedFiles(
  session: Session,
  { sources, preprocess: options, limits, withInk }: EmbedFilesRequest,
): Promise<EmbeddedFile[]> {
  const prepared = await mapConcurrent(sources, DECODED_AHEAD, (source) =>
    preprocess(source, options, limits).catch((error: unknown) => {
      if (!(error instanceof CountersignError)) throw error;
      return { error: describeError(error) };
    }),
  );
  const images = prepared.filter((image): image is PreprocessedImage => 'ink' in image);
  if (images.length === 0) return prepared as EmbeddedFile[];
  const { embedding } = await session.run({ image: imageBatch(images.map(({ ink }) => ink)) }, ['embedding']);
  const dimension = embedding!.shape[1]!;
  let row = 0;
  return prepared.map((image) =>
    'error' in image
      ? image
      : {
          quality: image.quality,
          embedding: embedding!.data.slice(row++ * dimension, row * dimension),
          ...(withInk && { ink: image.ink }),
        },
  );
}
