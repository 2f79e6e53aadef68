/** A questioned signature on its way to a decision. */
import type { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';
import { readImageFile } from '../image/decode.js';
import { namedError } from '../image/named-error.js';
import type { DecodeLimits } from '../image/options.js';
import type { ImageQuality } from '../image/quality.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
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
  /** [D], norm 1. */
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
  limits: DecodeLimits = {},
): Promise<Questioned> {
  const image = await readImageFile(source, limits);
  const [result] = await embedder.embedFiles([image], limits);
  return { image, imageHash: sha256(image), shown: 'error' in result! ? unusable(source, result.error) : result! };
}

/** The file was read here, so the error knows bytes alone. */
function unusable(source: ImageSource, error: CountersignError): Unusable {
  return { problem: problemOf(typeof source === 'string' ? namedError(source, error) : error) };
}
