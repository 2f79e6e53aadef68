/** The verifier: prepare the images, embed them, compare, decide. */
import { CountersignError } from '../core/errors.js';
import { mapConcurrent } from '../data/map-concurrent.js';
import type { DecodeLimits } from '../image/decode-limits.js';
import type { PreprocessedImage } from '../image/prepare-decoded.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import type { ImageSource } from '../runtime/types.js';
import { problemOf } from './no-signature.js';
import { modelFileOf } from './package-models.js';
import type { Problem, VerificationResult } from './result.js';
import { chooseThresholds, type OperatingPointTarget, requireChoice } from './thresholds.js';
import { type EmbeddedImage, verifyEmbeddings } from './verify-embeddings.js';

export interface VerifierOptions {
  /** Model file, or a name of `PACKAGE_MODELS`. */
  readonly model?: string;
  /** Accept when distance <= threshold; the default is the model's. */
  readonly threshold?: number;
  /** Error rates to keep, in place of a threshold: accept, review or reject by the model's calibration. */
  readonly operatingPoint?: OperatingPointTarget;
  /** What an image file may ask of this machine. */
  readonly limits?: DecodeLimits;
  /** Threads that run the network. */
  readonly workers?: number;
}

export interface Verifier {
  readonly model: ModelMetadata;
  /**
   * Is `questioned` by the writer of `references`?
   *
   * @param references - one or more genuine signatures of one writer
   * @throws CountersignError TARGET_UNSUPPORTED when the calibration cannot promise the operating point for so many
   *   references; IMAGE_* for files that cannot be read; an image without a signature is no error but the
   *   result `inconclusive`
   */
  verify(references: readonly ImageSource[], questioned: ImageSource): Promise<VerificationResult>;
  /** @returns [D] float32. @throws CountersignError IMAGE_* */
  embed(image: ImageSource): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Images decoded at a time, so that memory does not grow with the references. */
const IMAGES_IN_FLIGHT = 4;

/**
 * @throws CountersignError MODEL_NOT_FOUND, MODEL_INVALID, INVALID_ARGUMENT
 *
 * @example
 * const verifier = await createVerifier();
 * const result = await verifier.verify(['reference.png'], 'questioned.png');
 * result.decision; // 'accept', 'reject' or 'inconclusive'; 'review' only with an operating point
 * await verifier.close();
 */
export async function createVerifier(options: VerifierOptions = {}): Promise<Verifier> {
  requireChoice(options);
  // Once the network's threads have started: they load what they need while this one loads sharp.
  const opening = openEmbedder(modelFileOf(options.model), { workers: options.workers ?? 1 });
  const [embedder, { preprocess }] = await Promise.all([opening, import('../image/preprocess.js')]);
  const { preprocess: preprocessing } = embedder.metadata;
  const thresholdsFor = chooseThresholds(embedder.metadata, options);

  return {
    model: embedder.metadata,

    async verify(references, questioned) {
      if (references.length === 0) {
        throw new CountersignError('INVALID_ARGUMENT', 'At least one reference is needed to compare with.');
      }
      thresholdsFor(references.length); // refused before an image is read
      const started = performance.now();
      let preparedAt = started;
      // Each image is embedded by itself, while the next one is prepared: the network gains nothing from a batch.
      const images = await mapConcurrent(
        [...references, questioned],
        IMAGES_IN_FLIGHT,
        async (source): Promise<EmbeddedImage> => {
          const image = await prepare(() => preprocess(source, preprocessing, options.limits));
          preparedAt = performance.now();
          return 'problem' in image ? image : { ...image, embedding: await embedder.embed([image.ink]) };
        },
      );
      const named = references.map((source, i) => ({
        name: typeof source === 'string' ? source : `#${i + 1}`,
        image: images[i]!,
      }));
      const result = verifyEmbeddings(embedder.metadata, thresholdsFor, named, images.at(-1)!);
      const ended = performance.now();
      const timingMs = { preprocess: preparedAt - started, embed: ended - preparedAt, total: ended - started };
      return { ...result, timingMs };
    },

    async embed(image) {
      const { ink } = await preprocess(image, preprocessing, options.limits);
      return embedder.embed([ink]);
    },

    close: () => embedder.close(),
  };
}

interface Failed {
  readonly problem: Problem;
}

/** @returns the image, or why it cannot be compared */
async function prepare(preprocess: () => Promise<PreprocessedImage>): Promise<PreprocessedImage | Failed> {
  try {
    return await preprocess();
  } catch (error) {
    return { problem: problemOf(error) };
  }
}
