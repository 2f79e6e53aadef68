/**
 * The training loop: sample, embed, mine, step, validate, checkpoint.
 *
 * Every random choice of step t comes from the seed and t alone, so a run that was killed and resumed draws what the
 * uninterrupted one would have drawn, and ends with the same weights (on the same number of workers).
 */

import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import type { Sample } from '../data/dataset.js';
import { augment } from '../image/augment.js';
import type { InkImage } from '../image/types.js';
import { backpropagateDistances, euclideanDistances } from '../metric/distances.js';
import { contrastive, type Loss, tripletLogSumExp, tripletMargin, tripletSoftMargin } from '../metric/losses.js';
import { allTriplets, batchHard, type Miner, semiHard } from '../metric/miners.js';
import { createSampler } from '../metric/sampler.js';
import { HEAD_PREFIX } from '../nn/network.js';
import type { Weights, WeightTensor } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import type { WorkerPool } from '../runtime/pool.js';
import { type Checkpoint, type Origin, type Progress, saveCheckpoint } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { AdamW, clipNorm, warmupCosine } from './optimizer.js';
import { type Validation, validate } from './validate.js';

/** Samples and their preprocessed images, position by position. */
export interface ImageSet {
  readonly samples: readonly Sample[];
  readonly images: readonly InkImage[];
}

export interface TrainInput {
  readonly config: TrainConfig;
  readonly development: ImageSet;
  readonly validation: ImageSet;
  /** Weights of step 0; ignored when resuming. */
  readonly initial: Weights;
  readonly dataHash: string;
  readonly origin: Origin;
  readonly pool: WorkerPool;
  readonly checkpointPath: string;
  readonly resumeFrom?: Checkpoint;
  /** After each step; what a progress display needs. */
  readonly onStep?: (report: StepReport) => void;
  /** After each validation; `isBest` says that `weights` are the best so far. */
  readonly onValidation?: (report: ValidationReport) => Promise<void>;
}

export interface StepReport {
  readonly step: number;
  readonly loss: number;
  /** Share of the loss's terms that are not yet satisfied. */
  readonly activeShare: number;
  readonly gradientNorm: number;
  readonly images: number;
}

export interface ValidationReport {
  readonly step: number;
  readonly validation: Validation;
  readonly isBest: boolean;
  readonly weights: Weights;
}

/** @returns the progress at the end: last step, and step and EER of the best weights, which `onValidation` received */
export async function train(input: TrainInput): Promise<Progress> {
  const { config, development, validation, pool, origin, dataHash, resumeFrom } = input;
  const start = resumeFrom?.groups.weights ?? input.initial;
  const engine = await GradientEngine.create(pool, config.architecture, config.preprocess.canvas, start, {
    microBatch: config.microBatch,
    isTrainable: (name) => !config.frozenBackbone || name.startsWith(HEAD_PREFIX),
  });
  const trainable = engine.trainable.map(({ name, shape }) => ({ name, shape, data: engine.weights.get(name)!.data }));
  const optimizer = new AdamW(trainable, config);
  const average = copyWeights(resumeFrom?.groups.average ?? engine.weights);
  if (resumeFrom !== undefined) {
    optimizer.firstMoment.set(resumeFrom.groups.moments!.get('first')!.data);
    optimizer.secondMoment.set(resumeFrom.groups.moments!.get('second')!.data);
  }
  let progress: Progress = resumeFrom?.progress ?? { step: 0, best: null, sinceBest: 0, finished: false };

  const sample = createSampler(development.samples, config);
  const miner = createMiner(config);
  const loss = createLoss(config);
  const root = new Rng(config.seed);

  while (!progress.finished) {
    const step = progress.step + 1;
    const rng = root.fork('step').fork(step);
    const { indices, labels } = sample(rng.fork('sample'));
    const images = indices.map((index, row) => augment(development.images[index]!, rng.fork(row), config.augment));

    const embeddings = await engine.embed(images); // [N, D]
    const distances = euclideanDistances(embeddings, engine.dimension); // [N, N]
    const { value, distanceGradient, activeShare } = loss(distances, labels, miner(distances, labels));
    const seed = backpropagateDistances(embeddings, engine.dimension, distances, distanceGradient); // [N, D]
    const gradient = await engine.gradient(images, seed); // [parameters]

    const gradientNorm = clipNorm(gradient, config.clipNorm);
    refuseDivergence(value, gradientNorm, step);
    const rate = config.learningRate * warmupCosine(step, config.warmupSteps, config.steps);
    optimizer.step(gradient, step, (name) => rate * (name.startsWith(HEAD_PREFIX) ? 1 : config.backboneRate));
    moveAverage(average, engine.weights, Math.min(config.emaDecay, step / (step + 10)));
    progress = { ...progress, step };
    input.onStep?.({ step, loss: value, activeShare, gradientNorm, images: images.length });

    if (step % config.validateEvery === 0 || step === config.steps) {
      const outcome = await withWeights(engine, average, async () =>
        validate({
          samples: validation.samples,
          embeddings: await engine.embed(validation.images),
          dimension: engine.dimension,
        }),
      );
      refuseCollapse(outcome, step);
      const isBest = progress.best === null || outcome.eer < progress.best.eer;
      progress = {
        ...progress,
        best: isBest ? { step, eer: outcome.eer } : progress.best,
        sinceBest: isBest ? 0 : progress.sinceBest + 1,
      };
      await input.onValidation?.({ step, validation: outcome, isBest, weights: average });
    }
    progress = { ...progress, finished: step >= config.steps || progress.sinceBest >= config.patience };
    if (step % config.checkpointEvery === 0 || progress.finished) {
      const moments = new Map([
        ['first', { shape: [optimizer.firstMoment.length], data: optimizer.firstMoment }],
        ['second', { shape: [optimizer.secondMoment.length], data: optimizer.secondMoment }],
      ]);
      const groups = { weights: engine.weights, average, moments };
      await saveCheckpoint(input.checkpointPath, { origin, config, dataHash, progress, groups });
    }
  }
  return progress;
}

function createMiner({ miner, margin }: TrainConfig): Miner {
  return { all: allTriplets, 'semi-hard': semiHard(margin), 'batch-hard': batchHard }[miner];
}

function createLoss({ loss, margin, scale }: TrainConfig): Loss {
  return {
    triplet: tripletMargin(margin),
    'soft-margin': tripletSoftMargin(scale),
    'log-sum-exp': tripletLogSumExp(scale, margin),
    contrastive: contrastive(margin),
  }[loss];
}

function copyWeights(weights: Weights): Map<string, WeightTensor> {
  return new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]));
}

/** average = decay * average + (1 - decay) * weights, in place. */
function moveAverage(average: Weights, weights: Weights, decay: number): void {
  for (const [name, { data: mean }] of average) {
    const { data } = weights.get(name)!;
    for (let i = 0; i < mean.length; i++) mean[i] = decay * mean[i]! + (1 - decay) * data[i]!;
  }
}

/** Runs `work` with other weights in the engine, and puts its own back. */
async function withWeights<T>(engine: GradientEngine, weights: Weights, work: () => Promise<T>): Promise<T> {
  const own = copyWeights(engine.weights);
  const put = (source: Weights) => {
    for (const [name, { data }] of engine.weights) data.set(source.get(name)!.data);
  };
  put(weights);
  try {
    return await work();
  } finally {
    put(own);
  }
}

/** Before the weights take the step: a checkpoint never holds weights that are not numbers. */
function refuseDivergence(loss: number, gradientNorm: number, step: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  throw new CountersignError(
    'TRAINING_DIVERGED',
    `Step ${step}: the loss is ${loss}, the gradient's norm ${gradientNorm}.`,
    {
      details: { step },
    },
  );
}

/** Unit vectors of different signatures that lie this close to each other tell nothing. */
const COLLAPSED_DISTANCE = 1e-3;

function refuseCollapse({ meanDistance }: Validation, step: number): void {
  if (meanDistance > COLLAPSED_DISTANCE) return;
  throw new CountersignError(
    'TRAINING_COLLAPSED',
    `Step ${step}: all embeddings are equal (mean distance ${meanDistance.toExponential(1)}).`,
    { details: { step, meanDistance } },
  );
}
