/** The network as the service uses it: on the pool's threads, behind a queue that does not grow without end. */
import { CountersignError } from '../core/errors.js';
import type { DecodeLimits } from '../image/options.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { defineJob } from '../runtime/pool.js';
import { problemOf } from '../verify/no-signature.js';
import type { VerificationResult } from '../verify/result.js';
import { chooseThresholds, type OperatingPointTarget, requireChoice } from '../verify/thresholds.js';
import { type EmbeddedImage, verifyEmbeddings } from '../verify/verify-embeddings.js';
import type { ServiceConfig } from './config.js';

const cleanImage = defineJob<typeof import('./jobs/clean-image.js').default>(import.meta.url, './jobs/clean-image.js');

/** Where a comparison cuts; without either, at the model's own threshold. */
export interface Cut {
  readonly threshold?: number | undefined;
  readonly operatingPoint?: OperatingPointTarget | undefined;
}

export interface Inference {
  /** As any other, but OVERLOADED at once where too many images wait; with the limits of the configuration. */
  readonly embedder: ModelEmbedder;
  /** What an image may ask of this machine. */
  readonly limits: Required<DecodeLimits>;
  /** Images at work or waiting. */
  readonly waiting: number;
  /**
   * Is `questioned` by the writer of `references`? Nothing is stored.
   *
   * @throws CountersignError IMAGE_*, TARGET_UNSUPPORTED, INVALID_ARGUMENT, OVERLOADED
   */
  compare(references: readonly Uint8Array[], questioned: Uint8Array, cut: Cut): Promise<VerificationResult>;
  /** @returns a PNG of what the network sees. @throws CountersignError IMAGE_*, OVERLOADED */
  clean(image: Uint8Array): Promise<Uint8Array>;
}

export function createInference(
  embedder: ModelEmbedder,
  { queue, limits: { imageBytes, imagePixels } }: Pick<ServiceConfig, 'queue' | 'limits'>,
): Inference {
  const limits = { maxBytes: imageBytes, maxPixels: imagePixels };
  const { metadata } = embedder;
  let waiting = 0;

  const admit = async <T>(images: number, work: () => Promise<T>): Promise<T> => {
    if (waiting + images > queue) {
      const message = `Expected room for ${images} images among the ${queue} that may wait; ${waiting} do.`;
      throw new CountersignError('OVERLOADED', message, { details: { waiting, queue } });
    }
    waiting += images;
    try {
      return await work();
    } finally {
      waiting -= images;
    }
  };

  const bounded: ModelEmbedder = {
    ...embedder,
    embedFiles: (sources, given = limits) => admit(sources.length, () => embedder.embedFiles(sources, given)),
  };

  return {
    embedder: bounded,
    limits,
    get waiting() {
      return waiting;
    },

    async compare(references, questioned, { threshold, operatingPoint }) {
      const choice = { ...(threshold !== undefined && { threshold }), ...(operatingPoint && { operatingPoint }) };
      requireChoice(choice);
      const thresholdsFor = chooseThresholds(metadata, choice);
      thresholdsFor(references.length); // refused before an image is read
      const started = performance.now();
      const files = await bounded.embedFiles([...references, questioned]);
      const images = files.map((file): EmbeddedImage => ('error' in file ? { problem: problemOf(file.error) } : file));
      const named = references.map((_, i) => ({ name: `#${i + 1}`, image: images[i]! }));
      const result = verifyEmbeddings(metadata, thresholdsFor, named, images.at(-1)!);
      return { ...result, timingMs: { preprocess: null, embed: null, total: performance.now() - started } };
    },

    clean: (source) => admit(1, () => embedder.pool.call(cleanImage, { source, options: metadata.preprocess, limits })),
  };
}
