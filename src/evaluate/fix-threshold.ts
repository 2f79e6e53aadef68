/** What is fixed before an evaluation sees a test pair. */
import type { ModelMetadata } from '../nn/model-metadata.js';
import { type Calibration, fitCalibration } from './calibration.js';
import { equalErrorRate } from './error-rates.js';
import { type EmbeddedSamples, genuinePairs, skilledForgeryPairs, writerNames } from './pairs.js';
import { calibrationName } from './seen-writers.js';

export interface FixedBeforehand {
  readonly threshold: {
    readonly value: number;
    readonly source: string;
    /** Whether it was fixed on other data sets than the one under test; null where that is not known. */
    readonly carriedOver: boolean | null;
  };
  readonly calibration: Calibration | null;
}

/**
 * From the caller or the model file; null where neither has a threshold.
 *
 * @param dataset - name of the set under test
 */
export function fixedAlready(
  model: ModelMetadata | null,
  threshold: number | undefined,
  dataset: string,
): FixedBeforehand | null {
  if (threshold !== undefined) {
    const given = { value: threshold, source: 'given by the caller', carriedOver: null };
    return { threshold: given, calibration: model?.similarity ?? null };
  }
  if (model === null) return null;
  return { threshold: { ...model.threshold, carriedOver: !fixedOn(dataset, model) }, calibration: model.similarity };
}

/** Whether a model's threshold was fixed on writers of this set; files without a calibration fixed it in training. */
function fixedOn(dataset: string, { calibration, training }: ModelMetadata): boolean {
  if (calibration === undefined) return training.datasets.includes(dataset);
  const prefix = calibrationName({ name: dataset }, '');
  return calibration.writers.some((writer) => writer.startsWith(prefix));
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
      carriedOver: false,
    },
    calibration: fitCalibration(genuine, forged),
  };
}
