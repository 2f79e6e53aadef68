/**
 * The training loop: sample, embed, mine, step, validate, checkpoint.
 *
 * Every random choice of step t comes from the seed and t alone, so a run that was killed and resumed draws what the
 * uninterrupted one would have drawn, and ends with the same weights.
 */

import { setImmediate } from 'node:timers/promises';
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import type { InkImage } from '../image/types.js';
import type { BatchLabels } from '../metric/labels.js';
import { createSampler, type SampleOfSet } from '../metric/sampler.js';
import { HEAD_PREFIX, parametersOf, RADIUS_PREFIX } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import { type SharedWeights, sharedCopy } from '../runtime/shared-weights.js';
import type { Checkpoint, Origin, Progress } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { openTeacher } from './open-teacher.js';
import { openOneView } from './open-views.js';
import { Optimizer, warmupCosine } from './optimizer.js';
import { followStatistics, toTrainedForm } from './trained-batch-norm.js';
import type { Validation } from './validate.js';

/** Samples and their preprocessed images, position by position. */
export interface ImageSet {
  readonly samples: readonly SampleOfSet[];
  readonly images: readonly InkImage[];
}

export interface TrainInput {
  readonly config: TrainConfig;
  readonly development: ImageSet;
  readonly validation: ImageSet;
  /** Weights of step 0, batch norm folded; when resuming only what `config.distillation` learns from. */
  readonly start: Weights | undefined;
  readonly dataHash: string;
  readonly origin: Origin;
  readonly pool: WorkerPool;
  /** Where the network runs; the same as `pool` on the processor. */
  readonly networkPool: WorkerPool;
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
  /** Batch norm folded. */
  readonly weights: Weights;
}

const augmentImages = defineJob<typeof import('./jobs/augment-images.js').default>(
  import.meta.url,
  './jobs/augment-images.js',
);
const batchLoss = defineJob<typeof import('./jobs/batch-loss.js').default>(import.meta.url, './jobs/batch-loss.js');
const saveCheckpoint = defineJob<typeof import('./jobs/save-checkpoint.js').default>(
  import.meta.url,
  './jobs/save-checkpoint.js',
);

const norm = defineJob<typeof import('./jobs/gradient-norm.js').default>(import.meta.url, './jobs/gradient-norm.js');
const foldWeights = defineJob<typeof import('./jobs/fold-weights.js').default>(
  import.meta.url,
  './jobs/fold-weights.js',
);
const validate = defineJob<typeof import('./jobs/validate.js').default>(import.meta.url, './jobs/validate.js');

/** @returns the progress at the end: last step, and step and EER of the best weights, which `onValidation` received */
export async function train(input: TrainInput): Promise<Progress> {
  const { config, development, validation, pool, networkPool, origin, dataHash, resumeFrom } = input;
  let progress: Progress = resumeFrom?.progress ?? { step: 0, best: null, sinceBest: 0, finished: false };

  const shares = Object.entries(config.setShares).filter(([name]) => !config.leaveOut.includes(name));
  const sample = createSampler(development.samples, { ...config, setShares: Object.fromEntries(shares) });
  const drawBatch = async (step: number): Promise<{ images: InkImage[]; labels: BatchLabels }> => {
    const { indices, labels, imitated, continuations } = sample(
      new Rng(config.seed).fork('step').fork(step).fork('sample'),
    );
    const parts = Array.from({ length: Math.ceil(indices.length / AUGMENTED_AT_ONCE) }, (_, part) => {
      const firstRow = part * AUGMENTED_AT_ONCE;
      const rows = [firstRow, firstRow + AUGMENTED_AT_ONCE] as const;
      const images = indices.slice(...rows).map((index) => development.images[index]!);
      const identities = [...labels.identity.slice(...rows)];
      return pool.call(augmentImages, {
        images,
        identities,
        imitated: imitated.slice(...rows),
        continuations: continuations
          .slice(...rows)
          .map((one) => one && { image: development.images[one.index]!, share: one.share }),
        options: config.augment,
        seed: config.seed,
        step,
        firstRow,
      });
    });
    return { images: (await Promise.all(parts)).flat(), labels };
  };
  let drawn = drawBatch(progress.step + 1);
  drawn.catch(() => undefined); // told when it is awaited

  const { weights: start, statistics } = await startingPoint(input, async () => (await drawn).images);
  const { architecture, batchNorm, microBatch } = config;
  const { canvas } = config.preprocess;
  const engine = await GradientEngine.create(networkPool, architecture, canvas, start, {
    microBatch,
    isTrainable: (name) => !name.startsWith(RADIUS_PREFIX) && (!config.frozenBackbone || name.startsWith(HEAD_PREFIX)),
    batchNorm,
  });
  const average = await sharedCopy(engine.weights.slices, resumeFrom?.groups.average ?? engine.weights.tensors);
  const optimizer = new Optimizer(pool, engine.trainable, engine.weights, average, config);
  if (resumeFrom !== undefined) {
    optimizer.firstMoment.set(resumeFrom.groups.moments!.get('first')!.data);
    optimizer.secondMoment.set(resumeFrom.groups.moments!.get('second')!.data);
  }
  // Validation and model files take the folded network.
  const fold = async (running: Weights): Promise<SharedWeights> =>
    sharedCopy(
      parametersOf(architecture),
      await pool.call(foldWeights, { weights: average.tensors, statistics: running }),
    );
  const validator =
    statistics === undefined ? engine : await openOneView(networkPool, config, (await fold(statistics)).tensors);

  const teacher =
    config.distillation > 0 && !progress.finished
      ? await openTeacher(pool, config, input.start!, development.images)
      : undefined;

  const judge = async () => {
    const { step } = progress;
    const folded = statistics === undefined ? average : await fold(statistics);
    const embeddings = await withWeights(validator, folded, () => validator.embed(validation.images));
    const { samples } = validation;
    const { dimension } = engine;
    const outcome = await pool.call(validate, { samples, embeddings, dimension, leftOut: config.leaveOut });
    refuseCollapse(outcome, step);
    const isBest = progress.best === null || outcome.eer < progress.best.eer;
    progress = {
      ...progress,
      best: isBest ? { step, eer: outcome.eer } : progress.best,
      sinceBest: isBest ? 0 : progress.sinceBest + 1,
    };
    await input.onValidation?.({ step, validation: outcome, isBest, weights: folded.tensors });
  };
  const save = async () => {
    const moments = new Map([
      ['first', { shape: [optimizer.firstMoment.length], data: optimizer.firstMoment }],
      ['second', { shape: [optimizer.secondMoment.length], data: optimizer.secondMoment }],
    ]);
    const groups = {
      weights: engine.weights.tensors,
      average: average.tensors,
      moments,
      ...(statistics && { statistics }),
    };
    const checkpoint = { origin, config, dataHash, progress, groups };
    await pool.call(saveCheckpoint, { path: input.checkpointPath, checkpoint });
  };

  if (config.steps === 0 && !progress.finished) {
    await judge();
    progress = { ...progress, finished: true };
    await save();
  }
  while (!progress.finished) {
    const step = progress.step + 1;
    const { images, labels } = await drawn;
    const { embeddings, statistics: latest } = await engine.forward(images); // [N, D]
    const taught = teacher && { embeddings: await teacher.embed(images), dimension: teacher.dimension };
    const loss = await pool.call(batchLoss, { embeddings, dimension: engine.dimension, labels, config, taught });
    const summing = engine.gradient(images, loss.embeddingGradient); // [parameters]
    // Behind the gradients in the pool's queue: workers that have none left to do augment the next batch.
    if (step < config.steps) drawn = drawBatch(step + 1);
    drawn.catch(() => undefined); // told when it is awaited
    const gradient = await summing;

    const gradientNorm = await pool.call(norm, gradient);
    refuseDivergence(loss.value, gradientNorm, step);
    const rate = config.learningRate * warmupCosine(step, config.warmupSteps, config.steps);
    await optimizer.step(gradient, gradientNorm, {
      step,
      learningRate: (name) => rate * (name.startsWith(HEAD_PREFIX) ? 1 : config.backboneRate),
      averageDecay: Math.min(config.emaDecay, step / (step + 10)),
    });
    await engine.weightsChanged();
    if (statistics !== undefined) followStatistics(statistics, latest);
    progress = { ...progress, step };
    const { value, activeShare } = loss;
    input.onStep?.({ step, loss: value, activeShare, gradientNorm, images: images.length });

    if (step % config.validateEvery === 0 || step === config.steps) await judge();
    progress = { ...progress, finished: step >= config.steps || progress.sinceBest >= config.patience };
    if (step % config.checkpointEvery === 0 || progress.finished) await save();
  }
  await drawn.catch(() => undefined); // of a step that is not taken
  return progress;
}

/**
 * Where the next step goes on: weights in the form that trains, and the running statistics of batch norm if that is
 * trained.
 *
 * @param firstImages - the batch of the first step
 */
async function startingPoint(
  { config, start, resumeFrom }: TrainInput,
  firstImages: () => Promise<readonly InkImage[]>,
): Promise<{ readonly weights: Weights; readonly statistics?: Weights | undefined }> {
  if (resumeFrom) return { weights: resumeFrom.groups.weights!, statistics: resumeFrom.groups.statistics };
  if (config.batchNorm === 'folded') return { weights: start! };
  return toTrainedForm(config, start!, await firstImages());
}

/** Images of a task: small enough to fill the gaps that gradients leave. */
const AUGMENTED_AT_ONCE = 6;

const SWAPPED_AT_ONCE = 2 ** 17;

/** Runs `work` with other weights in the engine, and puts its own back: the two change places, twice. */
async function withWeights<T>(engine: GradientEngine, other: SharedWeights, work: () => Promise<T>): Promise<T> {
  const swap = async () => {
    for (let start = 0; start < other.flat.length; start += SWAPPED_AT_ONCE) {
      const [a, b] = [engine.weights.flat, other.flat].map((flat) => flat.subarray(start, start + SWAPPED_AT_ONCE));
      const kept = a!.slice();
      a!.set(b!);
      b!.set(kept);
      await setImmediate(); // others want their turn
    }
    await engine.weightsChanged();
  };
  await swap();
  try {
    return await work();
  } finally {
    await swap();
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
