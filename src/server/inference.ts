/** The network as the service uses it: on the pool's threads, behind a queue that does not grow without end. */
import { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';
import { namedError } from '../image/named-error.js';
import type { DecodeLimits } from '../image/options.js';
import type { FileEmbedding, ModelEmbedder } from '../runtime/model-embedder.js';
import { defineJob } from '../runtime/pool.js';
import type { ImageSource } from '../runtime/types.js';
import { problemOf, showsNoSignature } from '../verify/no-signature.js';
import type { VerificationResult } from '../verify/result.js';
import { chooseThresholds, type OperatingPointTarget, requireChoice } from '../verify/thresholds.js';
import { type EmbeddedImage, verifyEmbeddings } from '../verify/verify-embeddings.js';
import type { ServiceConfig } from './config.js';
import { EmbeddingCache } from './embedding-cache.js';

const cleanImage = defineJob<typeof import('./jobs/clean-image.js').default>(import.meta.url, './jobs/clean-image.js');

/** Where a comparison cuts; without either, at the model's own threshold. */
export interface Cut {
  readonly threshold?: number | undefined;
  readonly operatingPoint?: OperatingPointTarget | undefined;
}

export interface Inference {
  /**
   * As the one it is made of, but with the limits of the configuration, and OVERLOADED at once where too many images wait.
   * What was embedded a moment ago is not embedded again.
   */
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
  /** Embeddings that were kept in memory are gone: a writer was erased. */
  forget(): void;
}

/** Choices of error rates whose thresholds are kept: they take a bootstrap each. */
const MOST_CHOICES = 100;

export function createInference(
  embedder: ModelEmbedder,
  { queue, cache: most, limits: { imageBytes, imagePixels } }: Pick<ServiceConfig, 'queue' | 'cache' | 'limits'>,
): Inference {
  const limits = { maxBytes: imageBytes, maxPixels: imagePixels };
  const { metadata } = embedder;
  const cache = new EmbeddingCache(most);
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

  const embedFiles = async (sources: readonly ImageSource[], given: DecodeLimits = {}) => {
    const hashes = sources.map((source) => (typeof source === 'string' || most === 0 ? undefined : sha256(source)));
    const known = hashes.map((hash) => (hash === undefined ? undefined : cache.get(hash)));
    const unknown = sources.filter((_, i) => known[i] === undefined);
    if (unknown.length === 0) return known as FileEmbedding[];
    const made = await admit(unknown.length, () => embedder.embedFiles(unknown, { ...limits, ...given }));
    let next = 0;
    return known.map((embedding, i): FileEmbedding => {
      if (embedding !== undefined) return embedding;
      const result = made[next++]!;
      const hash = hashes[i];
      if (hash !== undefined && !('error' in result)) cache.set(hash, result);
      return result;
    });
  };

  const chosen = new Map<string, ReturnType<typeof chooseThresholds>>();
  const thresholdsOf = ({ threshold, operatingPoint }: Cut) => {
    const choice = { ...(threshold !== undefined && { threshold }), ...(operatingPoint && { operatingPoint }) };
    requireChoice(choice);
    const key = JSON.stringify(choice);
    const thresholds = chosen.get(key) ?? chooseThresholds(metadata, choice);
    chosen.delete(key);
    chosen.set(key, thresholds);
    if (chosen.size > MOST_CHOICES) chosen.delete(chosen.keys().next().value!);
    return thresholds;
  };

  return {
    embedder: { ...embedder, embedFiles },
    limits,
    get waiting() {
      return waiting;
    },

    async compare(references, questioned, cut) {
      const thresholdsFor = thresholdsOf(cut);
      thresholdsFor(references.length); // refused before an image is read
      const started = performance.now();
      const files = await embedFiles([...references, questioned]);
      const names = [...references.map((_, i) => `#${i + 1}`), 'the questioned image'];
      const images = files.map((file, i) => embeddedImage(file, names[i]!));
      const named = references.map((_, i) => ({ name: names[i]!, image: images[i]! }));
      const result = verifyEmbeddings(metadata, thresholdsFor, named, images.at(-1)!);
      return { ...result, timingMs: { preprocess: null, embed: null, total: performance.now() - started } };
    },

    clean: (source) => admit(1, () => embedder.pool.call(cleanImage, { source, options: metadata.preprocess, limits })),

    forget: () => cache.clear(),
  };
}

/** @throws CountersignError IMAGE_* for a file that cannot be read, with its name */
function embeddedImage(file: FileEmbedding, name: string): EmbeddedImage {
  if (!('error' in file)) return file;
  if (showsNoSignature(file.error)) return { problem: problemOf(file.error) };
  throw namedError(name, file.error);
}
