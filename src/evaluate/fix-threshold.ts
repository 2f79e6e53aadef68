/** What is fixed before an evaluation sees a test pair. */
import type { ModelMetadata } from '../nn/model-metadata.js';
import { type Calibration, fitCalibration } from './calibration.js';
import { equalErrorRate } from './error-rates.js';
import { type EmbeddedSamples, genuinePairs, skilledForgeryPairs, writerNames } from './pairs.js';

export interface FixedBeforehand {
  readonly threshold: { readonly value: number; readonly source: string };
  readonly calibration: Calibration | null;
}

/** From the caller or the model file; null where neither has a threshold. */
export function fixedAlready(model: ModelMetadata | null, threshold: number | undefined): FixedBeforehand | null {
  if (threshold !== undefined) {
    return { threshold: { value: threshold, source: 'given by the caller' }, calibration: model?.similarity ?? null };
  }
  return model && { threshold: model.threshold, calibration: model.similarity };
}

/**
 * Where FAR and FRR of these writers are nearest, on skilled forgeries.
 *
 * @param embedded - of writers who are not tested
 * @throws DATASET_TOO_FEW_SAMPLES, DATASET_NO_FORGERIES when they give no pairs; MODEL_INVALID for an embedding with NaN
 */
export function fixOnWriters(embedded: EmbeddedSamples, from: { dataset: string; seed: number }): FixedBeforehand {
  const genuine = genuinePairs(embedded).distance;
  const forged = skilledForgeryPairs(embedded).distance;
  const writers = `${writerNames(embedded.samples).length} writers of ${from.dataset} that are not tested`;
  return {
    threshold: {
      value: equalErrorRate(genuine, forged).threshold,
      source: `equal error rate on ${writers}, drawn by seed ${from.seed}`,
    },
    calibration: fitCalibration(genuine, forged),
  };
}
