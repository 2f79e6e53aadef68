/**
 * A training run from a folder of signatures to a model file: load, split, prepare, train, calibrate, record.
 *
 * In the output folder: `run.json` (what the run was made from), `checkpoint.safetensors` (to resume), `model.onnx`
 * (the best weights so far, with the threshold and score fitted on the validation writers); at the end, if asked for,
 * `careful.onnx` (the same of four views).
 */
import { readFile, stat } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { loadPreprocessed } from '../data/cache.js';
import { sha256 } from '../data/content-hash.js';
import { hashSamples } from '../data/data-hash.js';
import { findProtocol } from '../data/find-protocol.js';
import { openDataset } from '../data/open-dataset.js';
import type { SampleOfSet } from '../metric/sampler.js';
import { decodeModel, type ModelFacts } from '../nn/model-file.js';
import { type LearntFrom, learntFrom } from '../nn/model-metadata.js';
import { HEAD_PREFIX } from '../nn/network.js';
import { decodeSafetensors, encodeSafetensors } from '../nn/safetensors.js';
import { adoptWeights, type Weights } from '../nn/weights.js';
import { defineJob, WorkerPool } from '../runtime/pool.js';
import { preprocessIn } from '../runtime/preprocess-in.js';
import { RUNTIME_VERSION } from '../runtime/session.js';
import { VERSION } from '../version.js';
import { averageWithStart } from './average-with-start.js';
import { type Checkpoint, loadCheckpoint, type Origin, type Progress } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { refuseContradictions } from './refuse-contradictions.js';
import { countIdentitiesWithoutPair, requireDevelopment, requireValidation } from './require-samples.js';
import { splitDatasets } from './split-datasets.js';
import { type ImageSet, type StepReport, train, type ValidationReport } from './train.js';
import { validateWeights } from './validate-weights.js';

const writeModel = defineJob<typeof import('./jobs/write-model.js').default>(import.meta.url, './jobs/write-model.js');

export interface TrainingRunOptions {
  readonly config: TrainConfig;
  /** Folders or manifests of data sets. */
  readonly data: readonly string[];
  readonly layout?: string;
  /** Protocols whose test writers are kept out, `bhsig260-hindi/published`; without one no writer is kept for a test. */
  readonly protocols?: readonly string[];
  /** A safetensors file of imported weights, or a model file. */
  readonly init: string;
  /** Where the run is written. */
  readonly out: string;
  /** Name of the model, the first part of its id. */
  readonly name?: string;
  /** Go on from the checkpoint in `out`. */
  readonly resume?: boolean;
  readonly cacheDir?: string | null;
  readonly listener?: TrainingListener;
}

/** What a run learns from. */
export interface RunFacts {
  readonly developmentWriters: number;
  /** Development identities of fewer than two genuine signatures: no batch draws from them. */
  readonly identitiesWithoutPair: number;
  readonly validationWriters: number;
  readonly testWriters: number;
  readonly images: number;
}

/** What a progress display hears. */
export interface TrainingListener {
  onPrepare?(done: number, total: number): void;
  onStart?(facts: RunFacts): void;
  onStep?(report: StepReport): void;
  onValidation?(report: ValidationReport): void;
}

export interface TrainingRunResult {
  readonly progress: Progress;
  readonly modelFile: string;
  /** `careful.onnx` and its EER on the validation writers, where it was asked for. */
  readonly careful?: { readonly modelFile: string; readonly eer: number } | undefined;
  /** Samples left out because their image shows no signature. */
  readonly leftOut: readonly { readonly id: string; readonly code: string }[];
}

/**
 * @throws CountersignError INVALID_ARGUMENT, DATASET_*, PROTOCOL_*, MODEL_*, WEIGHTS_*, CHECKPOINT_*,
 *   TRAINING_COLLAPSED, WRITE_FAILED
 */
export async function runTraining(options: TrainingRunOptions): Promise<TrainingRunResult> {
  const { config, out, listener = {} } = options;
  const checkpointPath = join(out, 'checkpoint.safetensors');
  const modelFile = join(out, 'model.onnx');
  /** The best weights so far, which at the end may be averaged with the start's. */
  const trainedFile = config.startShare > 0 ? join(out, 'trained.onnx') : modelFile;

  const carefulFile = join(out, 'careful.onnx');

  refuseContradictions(config);
  if (!options.resume) await refuseOtherRun([checkpointPath, modelFile, trainedFile, carefulFile]);
  const datasets = await Promise.all(options.data.map((path) => openDataset(path, { layout: options.layout })));
  const protocols = (options.protocols ?? []).map(findProtocol);
  const { development, validation, test } = splitDatasets(datasets, protocols, config);
  const dataHash = await hashSamples([...development, ...validation]);
  const resumeFrom = options.resume ? await resumable(checkpointPath, config, dataHash) : undefined;
  if (resumeFrom?.progress.best) await requireModel(trainedFile);
  // A run that goes on needs what it started from only for its end, or as its teacher.
  const needsStart = resumeFrom === undefined || config.startShare > 0 || config.distillation > 0;
  const start = needsStart ? await initialWeights(options.init, config) : undefined;
  if (resumeFrom && start) requireSameStart(resumeFrom, start.hash, options.init);
  const origin: Origin = resumeFrom?.origin ?? {
    init: basename(options.init),
    name: options.name ?? 'countersign',
    ancestry: start!.ancestry,
    startHash: start!.hash,
  };

  const pool = new WorkerPool(config.workers);
  const networkPool = config.device === 'cpu' ? pool : new WorkerPool(1, config.device);
  try {
    const prepared = { done: 0, total: development.length + validation.length };
    const prepare = async (samples: readonly SampleOfSet[]) =>
      loadPreprocessed(samples, config.preprocess, {
        cacheDir: options.cacheDir,
        ...preprocessIn(pool),
        onProgress: () => listener.onPrepare?.(++prepared.done, prepared.total),
      });
    const developmentImages = await prepare(development);
    const validationImages = await prepare(validation);
    requireDevelopment(developmentImages.samples);
    requireValidation(validationImages.samples);
    const writers = (set: ImageSet) => new Set(set.samples.map(({ writer }) => writer)).size;
    const facts: RunFacts = {
      developmentWriters: writers(developmentImages),
      identitiesWithoutPair: countIdentitiesWithoutPair(developmentImages.samples),
      validationWriters: writers(validationImages),
      testWriters: new Set(test.map(({ writer }) => writer)).size,
      images: developmentImages.samples.length,
    };
    const leftOut = [...developmentImages.failures, ...validationImages.failures].map(({ sample, error }) => ({
      id: sample.id,
      code: error.code,
    }));
    const record = {
      schema: 'countersign/run@1',
      version: VERSION,
      environment: environment(),
      started: new Date().toISOString(),
      datasets: datasets.map(({ name }) => name),
      protocols: protocols.map(({ name }) => name),
      init: origin.init,
      ancestry: origin.ancestry,
      dataHash,
      ...facts,
      leftOut,
      seed: config.seed,
      workers: config.workers,
      device: config.device,
      config,
    };
    await writeFileAtomic(join(out, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
    listener.onStart?.(facts);

    const keep = (
      path: string,
      { weights, validation: outcome, step }: Omit<ValidationReport, 'isBest'>,
      views: ModelFacts['views'] = 1,
    ): Promise<void> => {
      const held = `${facts.validationWriters} validation writers of ${record.datasets.join(', ')}`;
      return pool.call(writeModel, {
        path,
        weights,
        metadata: {
          architecture: config.architecture,
          preprocess: config.preprocess,
          views,
          threshold: { value: outcome.threshold, source: `equal error rate on ${held}` },
          similarity: outcome.similarity,
          calibration: outcome.calibration,
          training: {
            datasets: record.datasets,
            developmentWriters: facts.developmentWriters,
            validationWriters: facts.validationWriters,
            dataHash,
            seed: config.seed,
            step,
            loss: config.loss,
            initialWeights: record.init,
            validationEer: outcome.eer,
            version: VERSION,
            protocols: [...record.protocols],
            ancestry: origin.ancestry,
          },
        },
        name: origin.name,
      });
    };

    const progress = await train({
      config,
      development: developmentImages,
      validation: validationImages,
      start: start?.weights,
      dataHash,
      origin,
      pool,
      networkPool,
      checkpointPath,
      ...(resumeFrom && { resumeFrom }),
      onStep: (report) => listener.onStep?.(report),
      onValidation: async (report) => {
        if (report.isBest) await keep(trainedFile, report);
        listener.onValidation?.(report);
      },
    });
    const { best } = progress;
    let averaged: { readonly startShare: number; readonly eer: number } | undefined;
    if (config.startShare > 0 && best !== null) {
      const ends = { start: start!.weights, best: decodeModel(await readFile(trainedFile)).weights };
      const weights = averageWithStart(config, ends);
      const validation = await validateWeights(networkPool, config, weights, validationImages);
      await keep(modelFile, { weights, validation, step: best.step });
      averaged = { startShare: config.startShare, eer: validation.eer };
    }
    let careful: { readonly eer: number } | undefined;
    if (config.careful && best !== null) {
      const { weights } = decodeModel(await readFile(modelFile));
      const validation = await validateWeights(networkPool, config, weights, validationImages, 4);
      await keep(carefulFile, { weights, validation, step: best.step }, 4);
      careful = { eer: validation.eer };
    }
    const ended = {
      finished: new Date().toISOString(),
      steps: progress.step,
      best,
      ...(averaged && { averaged }),
      ...(careful && { careful }),
    };
    await writeFileAtomic(join(out, 'run.json'), `${JSON.stringify({ ...record, ...ended }, null, 2)}\n`);
    return { progress, modelFile, leftOut, careful: careful && { modelFile: carefulFile, ...careful } };
  } finally {
    await pool.close();
    if (networkPool !== pool) await networkPool.close();
  }
}

/** What decides the last bits of every sum, beside the configuration. */
function environment() {
  return { processor: cpus()[0]?.model ?? process.arch, node: process.versions.node, onnxruntime: RUNTIME_VERSION };
}

/** A new run does not write over the days of an old one. */
async function refuseOtherRun(files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (!(await exists(file))) continue;
    const message = `Expected a folder without a run, but there is ${file}: go on with it by --resume, or name another folder.`;
    throw new CountersignError('INVALID_ARGUMENT', message, { details: { file } });
  }
}

/** The best weights so far lie in the model file alone. */
async function requireModel(modelFile: string): Promise<void> {
  if (await exists(modelFile)) return;
  throw new CountersignError('CHECKPOINT_INVALID', `Cannot resume: ${modelFile}, the best model so far, is gone.`);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function initialWeights(
  path: string,
  config: TrainConfig,
): Promise<{ weights: Weights; ancestry: LearntFrom[]; hash: string }> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    const found = reason === 'ENOENT' ? 'there is no such file' : `${reason} came`;
    throw new CountersignError('MODEL_NOT_FOUND', `Expected weights at ${path}, but ${found}.`, { cause });
  }
  let source: Weights;
  let ancestry: LearntFrom[] = [];
  try {
    if (path.endsWith('.onnx')) {
      const model = decodeModel(bytes);
      source = model.weights;
      ancestry = learntFrom(model.metadata);
    } else {
      source = decodeSafetensors(bytes).tensors;
    }
  } catch (cause) {
    if (!(cause instanceof CountersignError)) throw cause;
    throw new CountersignError(cause.code, `${path}: ${cause.message}`, { cause });
  }
  const weights = adoptWeights(config.architecture, source, new Rng(config.seed).fork('initial'));
  requireTeacher(config, source, weights, path);
  return { weights, ancestry, hash: sha256(encodeSafetensors(weights)) };
}

/** A head of random numbers, as the weights of a classifier get one, has no distances to teach. */
function requireTeacher({ distillation }: TrainConfig, source: Weights, adopted: Weights, path: string): void {
  const head = `${HEAD_PREFIX}weight`;
  if (distillation === 0 || source.get(head) === adopted.get(head)) return;
  const message = `Expected a model with a head of this architecture to distil from (--distillation); ${path} has none.`;
  throw new CountersignError('INVALID_ARGUMENT', message, { details: { init: path } });
}

function requireSameStart({ origin }: Checkpoint, hash: string, init: string): void {
  if (origin.startHash === undefined || origin.startHash === hash) return;
  const message = `Expected the weights that this run started from, ${origin.init}, which it averages with or learns from; ${init} holds others.`;
  throw new CountersignError('CHECKPOINT_MISMATCH', message, { details: { init, startedFrom: origin.init } });
}

/** The checkpoint, if it is of the same run. */
async function resumable(path: string, config: TrainConfig, dataHash: string): Promise<Checkpoint> {
  const checkpoint = await loadCheckpoint(path);
  if (checkpoint.dataHash !== dataHash) {
    throw new CountersignError('CHECKPOINT_MISMATCH', `${path} was trained on other data.`);
  }
  const differing = Object.keys(config).filter(
    (key) =>
      key !== 'workers' && // no result depends on them
      key !== 'device' && // but for rounding
      key !== 'careful' && // it is made at the end, of a run that has ended too
      JSON.stringify(config[key as keyof TrainConfig]) !== JSON.stringify(checkpoint.config[key as keyof TrainConfig]),
  );
  if (differing.length > 0) {
    throw new CountersignError(
      'CHECKPOINT_MISMATCH',
      `${path} was trained with another configuration; these differ: ${differing.join(', ')}.`,
      { details: { differing } },
    );
  }
  return checkpoint;
}
