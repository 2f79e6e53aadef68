/** From image files to what the store enrols: the gate for quality, the hashes, the embedding. */
import { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';
import { mapConcurrent } from '../data/map-concurrent.js';
import { readImageFile } from '../image/decode.js';
import type { DecodeLimits } from '../image/decode-limits.js';
import { namedError, refusedImage } from '../image/named-error.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { defineJob } from '../runtime/pool.js';
import type { ImageSource } from '../runtime/types.js';
import type { EnrollingModel, NewReference } from '../store/enrol.js';

const hashPixels = defineJob<typeof import('./jobs/hash-pixels.js').default>(import.meta.url, './jobs/hash-pixels.js');

export interface ReferenceSource {
  readonly image: ImageSource;
  /** When it was written, where that is known. */
  readonly capturedAt: Date | null;
  /** What messages call it; without it the file, or its place among those that came. */
  readonly name?: string;
}

/** Images decoded at a time, so that memory does not grow with the references. */
const IMAGES_IN_FLIGHT = 4;

/** @returns in their order; an image that is refused is told in its place */
export function tryReferences(
  embedder: ModelEmbedder,
  sources: readonly ReferenceSource[],
  limits: DecodeLimits = {},
): Promise<(NewReference | CountersignError)[]> {
  return mapConcurrent(sources, IMAGES_IN_FLIGHT, async ({ image: source, capturedAt, name: given }, i) => {
    const name = given ?? (typeof source === 'string' ? source : `image ${i + 1}`);
    try {
      const image = await readImageFile(source, limits);
      const [embedded] = await embedder.embedFiles([image], limits);
      if ('error' in embedded!) throw embedded.error;
      return {
        ...{ name, image, capturedAt, ...embedded! },
        imageHash: sha256(image),
        pixelHash: await embedder.pool.call(hashPixels, { image, limits }),
      };
    } catch (error) {
      return namedError(name, refusedImage(error));
    }
  });
}

/** All of them, or the first refusal. @throws CountersignError IMAGE_* */
export async function prepareReferences(
  embedder: ModelEmbedder,
  sources: readonly ReferenceSource[],
  limits: DecodeLimits = {},
): Promise<NewReference[]> {
  const prepared = await tryReferences(embedder, sources, limits);
  return prepared.map((reference) => {
    if (reference instanceof CountersignError) throw reference;
    return reference;
  });
}

/** What the store has to know of the model that is enrolled with. */
export function enrollingModel({ metadata, dimension }: ModelEmbedder): EnrollingModel {
  return { ...metadata, dimension };
}
