/** Questioned signatures on their way to a decision. */
import { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';
import { readImageFile } from '../image/decode.js';
import type { DecodeLimits } from '../image/decode-limits.js';
import { namedError, refusedImage } from '../image/named-error.js';
import type { ImageQuality } from '../image/quality.js';
import type { FileEmbedding, ModelEmbedder } from '../runtime/model-embedder.js';
import type { ImageSource } from '../runtime/types.js';
import { problemOf } from '../verify/no-signature.js';
import type { Problem } from '../verify/result.js';

export interface Questioned {
  /** The file, as it came. */
  readonly image: Uint8Array;
  /** SHA-256 of the file, hexadecimal. */
  readonly imageHash: string;
  readonly shown: Shown | Unusable;
}

interface Shown {
  /** [D]. */
  readonly embedding: Float32Array;
  readonly quality: ImageQuality;
}

interface Unusable {
  /** Why the image shows no signature. */
  readonly problem: Problem;
}

/** @throws CountersignError IMAGE_* for a file that cannot be read */
export async function prepareQuestioned(
  embedder: ModelEmbedder,
  source: ImageSource,
  limits?: DecodeLimits,
): Promise<Questioned> {
  const [questioned] = await tryQuestioned(embedder, [source], limits);
  if (questioned instanceof CountersignError) throw questioned;
  return questioned!;
}

/** The same of many. @returns in their order; a file that cannot be read is told in its place */
export async function tryQuestioned(
  embedder: ModelEmbedder,
  sources: readonly ImageSource[],
  limits: DecodeLimits = {},
): Promise<(Questioned | CountersignError)[]> {
  const files = await Promise.all(sources.map((source) => readImageFile(source, limits).catch(refusedImage)));
  const images = files.filter((file): file is Buffer => !(file instanceof CountersignError));
  const embedded = (await embedder.embedFiles(images, limits)).values();
  return files.map((file, i) =>
    file instanceof CountersignError ? file : questionedOf(sources[i]!, file, embedded.next().value!),
  );
}

function questionedOf(source: ImageSource, image: Buffer, result: FileEmbedding): Questioned | CountersignError {
  const imageHash = sha256(image);
  if (!('error' in result)) return { image, imageHash, shown: result };
  // The file was read here, so the error knows bytes alone.
  const error = typeof source === 'string' ? namedError(source, result.error) : result.error;
  try {
    return { image, imageHash, shown: { problem: problemOf(error) } };
  } catch (unreadable) {
    return refusedImage(unreadable);
  }
}
