/** The network as the service uses it: on the pool's threads, behind a queue that does not grow without end. */
import { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';
import type { DecodeLimits } from '../image/decode-limits.js';
import { namedError } from '../image/named-error.js';
import { inkToPng } from '../image/render.js';
import type { ModelEmbedder, SeenFile } from '../runtime/model-embedder.js';
import type { ImageSource } from '../runtime/types.js';
import { problemOf, showsNoSignature } from '../verify/no-signature.js';
import type { VerificationResult } from '../verify/result.js';
import { chooseThresholds, type OperatingPointTarget, requireChoice } from '../verify/thresholds.js';
import { type EmbeddedImage, verifyEmbeddings } from '../verify/verify-embeddings.js';
import type { ServiceConfig } from './config.js';
import { EmbeddingCache } from './embedding-cache.js';

/** Where a comparison cuts; without either, at the model's own threshold. */
export interface Cut {
  readonly threshold?: number | undefined;
  readonly operatingPoint?: OperatingPointTarget | undefined;
}

export interface Inference {
  /**
   * As the one it is made of, but with the limits of the configuration, and OVERLOADED at once where too many images wait.
   * What was seen a moment ago, or is being looked at, is not seen again.
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
  /** @returns a PNG of what the network sees; the picture is ready to be compared then. @throws CountersignError IMAGE_*, OVERLOADED */
  clean(image: Uint8Array): Promise<Uint8Array>;
  /** What was kept in memory is gone: a writer was erased. */
  forget(): void;
}

/** What an image may ask of this machine, however it comes. */
export function decodeLimitsOf({ limits }: Pick<ServiceConfig, 'limits'>): Required<DecodeLimits> {
  return { maxBytes: limits.imageBytes, maxPixels: limits.imagePixels };
}

/** Choices of error rates whose thresholds are kept: they take a bootstrap each. */
const MOST_CHOICES = 100;

export function createInference(
  embedder: ModelEmbedder,
  { queue, cache: most, ...config }: Pick<ServiceConfig, 'queue' | 'cache' | 'limits'>,
): Inference {
  const limits = decodeLimitsOf(config);
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

  /** By the hash of the file: one that is compared while it is being cleaned is seen once. */
  const atWork = new Map<string, Promise<SeenFile>>();
  const startToSee = (hash: string, seeing: Promise<SeenFile>) => {
    atWork.set(hash, seeing);
    const done = () => atWork.delete(hash);
    seeing.then((file) => {
      done();
      if (!('error' in file)) cache.set(hash, file);
    }, done);
  };

  const seeFiles = async (sources: readonly ImageSource[], given: DecodeLimits = {}): Promise<SeenFile[]> => {
    const hashes = sources.map((source) => (typeof source === 'string' || most === 0 ? undefined : sha256(source)));
    const seen = hashes.map((hash) => hash && (cache.get(hash) ?? atWork.get(hash)));
    const fresh = sources.flatMap((source, i) => (seen[i] ? [] : [{ source, i, hash: hashes[i] }]));
    if (fresh.length > 0) {
      const files = fresh.map(({ source }) => source);
      const made = admit(files.length, () => embedder.seeFiles(files, { ...limits, ...given }));
      for (const [place, { i, hash }] of fresh.entries()) {
        const file = made.then((results) => results[place]!);
        seen[i] = file;
        if (hash !== undefined) startToSee(hash, file);
      }
    }
    return Promise.all(seen as (SeenFile | Promise<SeenFile>)[]);
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
    embedder: { ...embedder, embedFiles: seeFiles, seeFiles },
    limits,
    get waiting() {
      return waiting;
    },

    async compare(references, questioned, cut) {
      const thresholdsFor = thresholdsOf(cut);
      thresholdsFor(references.length); // refused before an image is read
      const started = performance.now();
      const files = await seeFiles([...references, questioned]);
      const names = [...references.map((_, i) => `#${i + 1}`), 'the questioned image'];
      const images = files.map((file, i) => embeddedImage(file, names[i]!));
      const named = references.map((_, i) => ({ name: names[i]!, image: images[i]! }));
      const result = verifyEmbeddings(metadata, thresholdsFor, named, images.at(-1)!);
      return { ...result, timingMs: { preprocess: null, embed: null, total: performance.now() - started } };
    },

    async clean(source) {
      const [file] = await seeFiles([source]);
      if ('error' in file!) throw file.error;
      return inkToPng(file!.ink);
    },

    forget: () => cache.clear(),
  };
}

/** @throws CountersignError IMAGE_* for a file that cannot be read, with its name */
function embeddedImage(file: SeenFile, name: string): EmbeddedImage {
  if (!('error' in file)) return file;
  if (showsNoSignature(file.error)) return { problem: problemOf(file.error) };
  throw namedError(name, file.error);
}
