/** The verifier: prepare the images, embed them, compare, decide. */
import { CountersignError } from '../core/errors.js';
import { mapConcurrent } from '../data/map-concurrent.js';
import { similarity } from '../evaluate/calibration.js';
import { accepts } from '../evaluate/error-rates.js';
import { logLikelihoodRatio } from '../evaluate/likelihood-ratio.js';
import type { DecodeLimits } from '../image/options.js';
import type { PreprocessedImage } from '../image/preprocess.js';
import { euclideanDistance } from '../metric/distances.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import type { ImageSource } from '../runtime/types.js';
import { modelFileOf } from './package-models.js';
import type { Problem, ReferenceResult, VerificationResult } from './result.js';
import { chooseThresholds, type OperatingPointTarget, requireChoice, type Thresholds } from './thresholds.js';

export interface VerifierOptions {
  /** Model file, or `default`, `small` or `synthetic` of those that the package carries. */
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
  /** @returns [D] float32, norm 1. @throws CountersignError IMAGE_* */
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
  const { preprocess: preprocessing, similarity: scale, calibration } = embedder.metadata;
  const thresholdsFor = chooseThresholds(embedder.metadata, options);

  /** By the calibration for the number of references where there is one, else by the model's own for one reference. */
  const similarityOf = (distance: number | null, ratio: number | null): number | null => {
    if (ratio !== null) return 100 / (1 + 10 ** -ratio);
    return distance === null ? null : similarity(distance, scale);
  };

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
      const images = await mapConcurrent([...references, questioned], IMAGES_IN_FLIGHT, async (source) => {
        const image = await prepare(() => preprocess(source, preprocessing, options.limits));
        preparedAt = performance.now();
        return 'problem' in image ? image : { ...image, embedding: await embedder.embed([image.ink]) };
      });
      const questionedImage = images.at(-1)!;
      const compared = images.slice(0, -1).map((reference) => compare(reference, questionedImage));
      const ended = performance.now();

      const perReference = references.map((source, i): ReferenceResult => {
        const image = images[i]!;
        return {
          reference: typeof source === 'string' ? source : `#${i + 1}`,
          distance: compared[i]!,
          quality: 'problem' in image ? null : image.quality,
          ...('problem' in image && { problem: image.problem }),
        };
      });
      const usable = compared.filter((distance) => distance !== null);
      const distance = usable.length === 0 ? null : usable.reduce((sum, value) => sum + value, 0) / usable.length;
      const thresholds = thresholdsFor(usable.length || references.length);
      const ratio =
        distance === null || calibration === undefined
          ? null
          : logLikelihoodRatio(distance, usable.length, calibration);
      return {
        ...decide(distance, thresholds, 'problem' in questionedImage ? questionedImage.problem : undefined),
        distance,
        similarity: similarityOf(distance, ratio),
        logLikelihoodRatio: ratio,
        threshold: thresholds.acceptUpTo,
        rejectAbove: thresholds.rejectAbove,
        thresholdSource: thresholds.source,
        perReference,
        referenceCount: images.slice(0, -1).filter((image) => !('problem' in image)).length,
        modelId: embedder.modelId,
        quality: 'problem' in questionedImage ? null : questionedImage.quality,
        timingMs: { preprocess: preparedAt - started, embed: ended - preparedAt, total: ended - started },
      };
    },

    async embed(image) {
      const { ink } = await preprocess(image, preprocessing, options.limits);
      return embedder.embed([ink]);
    },

    close: () => embedder.close(),
  };
}

/** Euclidean distance of two embeddings: 0 for equal images, at most 2; smaller is closer. */
export function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) {
    throw new CountersignError('INVALID_ARGUMENT', `Embeddings of ${a.length} and ${b.length} numbers do not compare.`);
  }
  return euclideanDistance(a, 0, b, 0, a.length);
}

/** Readable files that show no signature: the comparison is inconclusive. */
const NO_SIGNATURE: ReadonlySet<string> = new Set(['IMAGE_BLANK', 'IMAGE_SOLID', 'IMAGE_SPECK']);

interface Failed {
  readonly problem: Problem;
}

/** @returns the image, or why it cannot be compared */
async function prepare(preprocess: () => Promise<PreprocessedImage>): Promise<PreprocessedImage | Failed> {
  try {
    return await preprocess();
  } catch (error) {
    if (!(error instanceof CountersignError) || !NO_SIGNATURE.has(error.code)) throw error;
    return { problem: { code: error.code, message: error.message, hint: error.hint } };
  }
}

interface Embedded {
  readonly embedding: Float32Array; // [D]
}

/** @returns the distance, null where either image shows no signature */
function compare(reference: Embedded | Failed, questioned: Embedded | Failed): number | null {
  if ('problem' in reference || 'problem' in questioned) return null;
  return distance(reference.embedding, questioned.embedding);
}

function decide(
  distance: number | null,
  { acceptUpTo, rejectAbove }: Thresholds,
  questionedProblem: Problem | undefined,
): Pick<VerificationResult, 'decision' | 'reason'> {
  if (questionedProblem !== undefined) {
    return {
      decision: 'inconclusive',
      reason: `The questioned image shows no signature: ${questionedProblem.message}`,
    };
  }
  if (distance === null) return { decision: 'inconclusive', reason: 'No reference shows a signature.' };
  const [measured, accept, reject] = [distance, acceptUpTo, rejectAbove].map((value) => value.toFixed(3));
  if (accepts(distance, acceptUpTo)) {
    const reason = `As close as genuine signatures of one writer are (distance ${measured}, threshold ${accept}).`;
    return { decision: 'accept', reason };
  }
  if (accepts(distance, rejectAbove)) {
    const reason = `Too far to accept and too close to reject at the error rates asked for (distance ${measured}, accepted up to ${accept}, rejected above ${reject}): let a person decide.`;
    return { decision: 'review', reason };
  }
  const reason = `Farther than genuine signatures of one writer are (distance ${measured}, threshold ${reject}).`;
  return { decision: 'reject', reason };
}
