/** A questioned signature held against the references of one writer, all by their embeddings. */
import { CountersignError } from '../core/errors.js';
import { similarity } from '../evaluate/calibration.js';
import { logLikelihoodRatio } from '../evaluate/likelihood-ratio.js';
import { euclideanDistance } from '../metric/distances.js';
import { FUSIONS, mutualDistances } from '../metric/fusion.js';
import type { Fusion } from '../nn/calibration-metadata.js';
import type { ModelMetadata } from '../nn/model-metadata.js';

export interface Comparison {
  /** To each reference, in their order. */
  readonly distances: readonly number[];
  /** [k (k - 1) / 2], between the references. */
  readonly mutual: Float64Array;
  /** Fused by the model's rule; of one reference its own. */
  readonly distance: number;
  /** log10, null in a model without calibration. */
  readonly logLikelihoodRatio: number | null;
  /** 0 .. 100. */
  readonly similarity: number;
}

/**
 * @param references - one or more, each [D]
 * @param questioned - [D]
 */
export function compareEmbeddings(
  model: Pick<ModelMetadata, 'similarity' | 'calibration'>,
  references: readonly Float32Array[],
  questioned: Float32Array,
): Comparison {
  const distances = Float64Array.from(references, (reference) => distance(reference, questioned));
  const mutual = mutualDistances(references, distance);
  const fused = FUSIONS[fusionOf(model)].fuse(distances, mutual);
  const ratio = model.calibration && logLikelihoodRatio(fused, references.length, model.calibration);
  return {
    distances: [...distances],
    mutual,
    distance: fused,
    logLikelihoodRatio: ratio ?? null,
    // By the calibration for so many references where there is one, else by the model's own for one reference.
    similarity: ratio === undefined ? similarity(fused, model.similarity) : 100 / (1 + 10 ** -ratio),
  };
}

/** How a model fuses distances to several references. */
export function fusionOf({ calibration }: Pick<ModelMetadata, 'calibration'>): Fusion {
  return calibration?.fusion ?? 'mean';
}

/** Euclidean distance of two embeddings: 0 for equal images, at most 2; smaller is closer. */
export function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) {
    throw new CountersignError('INVALID_ARGUMENT', `Embeddings of ${a.length} and ${b.length} numbers do not compare.`);
  }
  return euclideanDistance(a, 0, b, 0, a.length);
}
