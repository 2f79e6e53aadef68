import { foldBatchNorm } from '../../nn/batch-norm-folding.js';
import type { Weights, WeightTensor } from '../../nn/weights.js';

export interface FoldWeights {
  readonly weights: Weights;
  readonly statistics: Weights;
}

/** Runs in a worker: every weight of the network is multiplied. */
export default function foldWeights({ weights, statistics }: FoldWeights): Map<string, WeightTensor> {
  return foldBatchNorm(weights, statistics);
}
