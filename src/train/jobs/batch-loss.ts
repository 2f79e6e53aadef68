import { backpropagateDistances, euclideanDistances } from '../../metric/distances.js';
import { distillDistances } from '../../metric/distillation.js';
import type { BatchLabels } from '../../metric/labels.js';
import {
  contrastive,
  type Loss,
  type LossResult,
  multiSimilarity,
  tripletLogSumExp,
  tripletMargin,
  tripletSoftMargin,
} from '../../metric/losses.js';
import { allTriplets, batchHard, type Miner, semiHard } from '../../metric/miners.js';
import type { TrainConfig } from '../config.js';

export type LossConfig = Pick<TrainConfig, 'loss' | 'miner' | 'margin' | 'scale' | 'distillation'>;

export interface BatchLossInput {
  /** [N, D] */
  readonly embeddings: Float32Array;
  readonly dimension: number;
  readonly labels: BatchLabels;
  readonly config: LossConfig;
  /** What `config.distillation` weighs. */
  readonly taught?: Taught | undefined;
}

/** What a teacher makes of the batch. */
export interface Taught {
  /** [N, dimension] */
  readonly embeddings: Float32Array;
  readonly dimension: number;
}

export interface BatchLoss {
  readonly value: number;
  /** Share of the loss's terms that are not yet satisfied. */
  readonly activeShare: number;
  /** dL/d(embedding), [N, D]. */
  readonly embeddingGradient: Float32Array;
}

/** Runs in a worker: the distances of a large batch take longer than a program may stand still. */
export default function batchLoss({ embeddings, dimension, labels, config, taught }: BatchLossInput): BatchLoss {
  const distances = euclideanDistances(embeddings, dimension); // [N, N]
  const triplets = createMiner(config)(distances, labels);
  const own = createLoss(config)(distances, labels, triplets);
  const { value, distanceGradient, activeShare } =
    taught === undefined ? own : addLosses(own, config.distillation, distillation(distances, labels, taught));
  const embeddingGradient = backpropagateDistances(embeddings, dimension, distances, distanceGradient); // [N, D]
  return { value, activeShare, embeddingGradient };
}

function createMiner({ miner, margin }: LossConfig): Miner {
  return { all: allTriplets, 'semi-hard': semiHard(margin), 'batch-hard': batchHard }[miner];
}

function createLoss({ loss, margin, scale }: LossConfig): Loss {
  return {
    triplet: tripletMargin(margin),
    'soft-margin': tripletSoftMargin(scale),
    'log-sum-exp': tripletLogSumExp(scale, margin),
    'multi-similarity': multiSimilarity(scale, margin),
    contrastive: contrastive(margin),
  }[loss];
}

function distillation(distances: Float32Array, labels: BatchLabels, { embeddings, dimension }: Taught): LossResult {
  return distillDistances(distances, euclideanDistances(embeddings, dimension), labels);
}

function addLosses(loss: LossResult, weight: number, other: LossResult): LossResult {
  const distanceGradient = loss.distanceGradient.map((slope, i) => slope + weight * other.distanceGradient[i]!);
  return { ...loss, value: loss.value + weight * other.value, distanceGradient };
}
