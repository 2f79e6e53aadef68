/** All that a model file says of decisions, from writers that its weights have not learnt from. */
import { Rng } from '../core/rng.js';
import { CALIBRATED_FUSION } from '../metric/fusion.js';
import type { CalibrationBlock } from '../nn/calibration-metadata.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { fitCalibration } from './calibration.js';
import { equalErrorRate } from './error-rates.js';
import { gatherEvidence, type PairsByKind } from './evidence.js';
import { fusedDistances } from './fused-distances.js';
import { logLikelihoodRatioBounds } from './likelihood-ratio.js';
import { type EmbeddedSamples, genuinePairs, randomForgeryPairs, skilledForgeryPairs, writerNames } from './pairs.js';

export interface ModelCalibration {
  /** EER on all genuine-genuine against all genuine-forged pairs, a share 0 .. 1. */
  readonly eer: number;
  /** Distance at which FAR and FRR are equal; accept when distance <= threshold. */
  readonly threshold: number;
  /** Mean over the genuine-genuine and over the genuine-forged pairs, and of the two; near 0 when all embeddings are equal. */
  readonly meanDistance: number;
  readonly similarity: ModelMetadata['similarity'];
  readonly calibration: CalibrationBlock;
}

/** Numbers of references that have a fit of their own. Two: what energy says of one is on another scale. */
export const REFERENCE_COUNTS = [1, 2, 3, 5, 10];
/** Of several references. */
const DRAWS = 10;

/**
 * @param embedded - samples whose writers carry the name of their set (`cedar/12`), each with an embedding
 * @param counts - numbers of references to fit, ascending from 1
 * @throws CountersignError DATASET_TOO_FEW_SAMPLES, DATASET_NO_FORGERIES; MODEL_INVALID for an embedding with NaN
 */
export function fitModelCalibration(embedded: EmbeddedSamples, counts = REFERENCE_COUNTS): ModelCalibration {
  const rng = new Rng('calibration');
  const writers = writerNames(embedded.samples);
  const tables = counts.map((count) => ({ count, pairs: pairsOf(embedded, count, rng) }));
  const references = tables
    .filter(({ pairs }) => pairs.genuine.distance.length > 0 && pairs.skilled.distance.length > 0)
    .map(({ count, pairs }) => ({
      count,
      ...fitCalibration(pairs.genuine.distance, pairs.skilled.distance),
      evidence: gatherEvidence(pairs, writers.length),
    }));
  const { genuine, skilled } = tables[0]!.pairs;
  const { eer, threshold } = equalErrorRate(genuine.distance, skilled.distance);
  const { slope, intercept } = references[0]!;
  return {
    eer,
    threshold,
    meanDistance: (mean(genuine.distance) + mean(skilled.distance)) / 2,
    similarity: { slope, intercept },
    calibration: {
      writers,
      // Where no writer could give two references, the mean takes the fit for one to several: it keeps its scale.
      fusion: references.length > 1 ? CALIBRATED_FUSION : 'mean',
      references,
      logLikelihoodRatio: logLikelihoodRatioBounds(genuine, skilled),
    },
  };
}

/**
 * All pairs of one reference, or ten draws of several.
 *
 * @throws CountersignError DATASET_TOO_FEW_SAMPLES, DATASET_NO_FORGERIES, for one reference
 */
export function pairsOf(embedded: EmbeddedSamples, referenceCount: number, rng: Rng): PairsByKind {
  if (referenceCount > 1) {
    const fusion = CALIBRATED_FUSION;
    return fusedDistances(embedded, { count: referenceCount, fusion, draws: DRAWS, rng: rng.fork(referenceCount) });
  }
  return {
    genuine: genuinePairs(embedded),
    skilled: skilledForgeryPairs(embedded),
    random: randomForgeryPairs(embedded, rng.fork('random')),
  };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
