/** From embeddings, or what kept an image from having one, to a result. No file is read here and no network runs. */
import type { ImageQuality } from '../image/quality.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { compareEmbeddings } from './comparison.js';
import { judge } from './judgement.js';
import type { Problem, ReferenceResult, VerificationResult } from './result.js';
import type { Thresholds } from './thresholds.js';

/** What became of an image. */
export type EmbeddedImage =
  /** [D]. */
  | { readonly embedding: Float32Array; readonly quality: ImageQuality }
  /** It can be read, but shows no signature. */
  | { readonly problem: Problem };

export interface NamedImage {
  /** File name, or position as `#1`. */
  readonly name: string;
  readonly image: EmbeddedImage;
}

/**
 * @param references - one or more genuine signatures of one writer
 * @param thresholdsFor - of `chooseThresholds`
 * @throws CountersignError TARGET_UNSUPPORTED where it does for so many references
 */
export function verifyEmbeddings(
  model: ModelMetadata,
  thresholdsFor: (referenceCount: number) => Thresholds,
  references: readonly NamedImage[],
  questioned: EmbeddedImage,
): Omit<VerificationResult, 'timingMs'> {
  const usable = references.flatMap(({ image }) => ('problem' in image ? [] : [image.embedding]));
  const compared =
    'problem' in questioned || usable.length === 0 ? undefined : compareEmbeddings(model, usable, questioned.embedding);
  const perReference = references.map(
    ({ name, image }): ReferenceResult => ({
      reference: name,
      distance: 'problem' in image ? null : (compared?.distances[usable.indexOf(image.embedding)] ?? null),
      quality: 'problem' in image ? null : image.quality,
      ...('problem' in image && { problem: image.problem }),
    }),
  );
  const thresholds = thresholdsFor(usable.length || references.length);
  const distance = compared?.distance ?? null;
  return {
    ...judge(distance, thresholds, 'problem' in questioned ? questioned.problem : undefined),
    distance,
    similarity: compared?.similarity ?? null,
    logLikelihoodRatio: compared?.logLikelihoodRatio ?? null,
    threshold: thresholds.acceptUpTo,
    rejectAbove: thresholds.rejectAbove,
    thresholdSource: thresholds.source,
    perReference,
    referenceCount: usable.length,
    modelId: model.id,
    quality: 'problem' in questioned ? null : questioned.quality,
  };
}
