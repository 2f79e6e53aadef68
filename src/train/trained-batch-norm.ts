/** Batch norm with parameters of its own: how a run begins with it, and the statistics that it is folded with. */
import type { InkImage } from '../image/types.js';
import { unfoldBatchNorm } from '../nn/batch-norm-folding.js';
import type { Weights } from '../nn/weights.js';
import { measureStatistics } from '../runtime/measure-statistics.js';
import type { TrainConfig } from './config.js';

export interface TrainedForm {
  /** Kernels, scales and shifts. */
  readonly weights: Weights;
  /** Running mean and variance of each layer. */
  readonly statistics: Weights;
}

/**
 * Folded weights as trained ones. In files batch norm is folded and its statistics are gone; those of a batch take their
 * place, as scale and shift too. So every layer gives what it gave before, up to the difference between the statistics
 * of one micro-batch and of all, and training goes on from the function that was learnt. Scales of 1 and shifts of 0
 * would keep the kernels alone.
 *
 * @param images - a batch as the run draws them
 */
export async function toTrainedForm(
  config: TrainConfig,
  folded: Weights,
  images: readonly InkImage[],
): Promise<TrainedForm> {
  const statistics = await measureStatistics(config.architecture, folded, images, config);
  return { weights: unfoldBatchNorm(folded, statistics), statistics };
}

/** The share that running statistics keep of themselves in each step. */
const MOMENTUM = 0.9;

/** Moves running statistics towards those of a batch, in place. */
export function followStatistics(running: Weights, batch: Weights): void {
  for (const [name, { data }] of running) {
    const latest = batch.get(name)!.data;
    for (let i = 0; i < data.length; i++) data[i] = MOMENTUM * data[i]! + (1 - MOMENTUM) * latest[i]!;
  }
}
