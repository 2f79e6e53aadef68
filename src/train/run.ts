/**
 * A training run from a folder of signatures to a model file: load, split, prepare, train, calibrate, record.
 *
 * In the output folder: `run.json` (what the run was made from), `checkpoint.safetensors` (to resume), `model.onnx`
 * (the best weights so far, with the threshold and score fitted on the validation writers).
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { loadPreprocessed } from '../data/cache.js';
import { hashSamples } from '../data/data-hash.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { openDataset } from '../data/open-dataset.js';
import { type Split, splitByList, splitRandom } from '../data/splits.js';
import { findWriterList } from '../data/test-writers.js';
import { requireForgeries } from '../data/writers.js';
import { decodeModel, encodeModel } from '../nn/model-file.js';
import { decodeSafetensors } from '../nn/safetensors.js';
import { adoptWeights, type Weights } from '../nn/weights.js';
import { WorkerPool } from '../runtime/pool.js';
import { VERSION } from '../version.js';
import { type Checkpoint, loadCheckpoint, type Progress } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { type ImageSet, type StepReport, train, type ValidationReport } from './train.js';

export interface TrainingRunOptions {
  readonly config: TrainConfig;
  /** Folders or manifests of data sets. */
  readonly data: readonly string[];
  readonly layout?: string;
  /** Lists of test writers to keep out, `bhsig260-hindi/published`; without one no writer is kept for a test. */
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

/** What a progress display hears. */
export interface TrainingListener {
  onPrepare?(done: number, total: number): void;
  onStart?(facts: { developmentWriters: number; validationWriters: number; testWriters: number; images: number }): void;
  onStep?(report: StepReport): void;
  onValidation?(report: ValidationReport): void;
}

export interface TrainingRunResult {
  readonly progress: Progress;
  readonly modelFile: string;
  /** Samples left out because their image shows no signature. */
  readonly leftOut: readonly { readonly id: string; readonly code: string }[];
}

export async function runTraining(options: TrainingRunOptions): Promise<TrainingRunResult> {
  const { config, out, listener = {} } = options;
  const checkpointPath = join(out, 'checkpoint.safetensors');
  const modelFile = join(out, 'model.onnx');

  const datasets = await Promise.all(options.data.map((path) => openDataset(path, { layout: options.layout })));
  const splits = datasets.map((dataset) => splitOf(dataset, options));
  const development = merge(splits.map((split) => split.development));
  const validation = merge(splits.map((split) => split.validation));
  const dataHash = await hashSamples([...development, ...validation]);
  const resumeFrom = options.resume ? await resumable(checkpointPath, config, dataHash) : undefined;
  const initial = resumeFrom?.groups.weights ?? (await initialWeights(options.init, config));

  const prepared = { done: 0, total: development.length + validation.length };
  const prepare = async (samples: readonly Sample[]) =>
    loadPreprocessed(samples, config.preprocess, {
      cacheDir: options.cacheDir,
      onProgress: () => listener.onPrepare?.(++prepared.done, prepared.total),
    });
  const developmentImages = await prepare(development);
  const validationImages = await prepare(validation);
  const writers = (set: ImageSet) => new Set(set.samples.map(({ writer }) => writer)).size;
  const facts = {
    developmentWriters: writers(developmentImages),
    validationWriters: writers(validationImages),
    testWriters: new Set(merge(splits.map((split) => split.test)).map(({ writer }) => writer)).size,
    images: developmentImages.samples.length,
  };
  const record = {
    schema: 'countersign/run@1',
    version: VERSION,
    node: process.version,
    started: new Date().toISOString(),
    datasets: datasets.map(({ name }) => name),
    protocols: options.protocols ?? [],
    init: basename(options.init),
    dataHash,
    ...facts,
    seed: config.seed,
    workers: config.workers,
    config,
  };
  await writeFileAtomic(join(out, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  listener.onStart?.(facts);

  const pool = new WorkerPool(config.workers);
  try {
    const progress = await train({
      config,
      development: developmentImages,
      validation: validationImages,
      initial,
      dataHash,
      pool,
      checkpointPath,
      ...(resumeFrom && { resumeFrom }),
      onStep: (report) => listener.onStep?.(report),
      onValidation: async (report) => {
        if (report.isBest) await writeFileAtomic(modelFile, modelOf(report));
        listener.onValidation?.(report);
      },
    });
    const best = progress.best;
    await writeFileAtomic(
      join(out, 'run.json'),
      `${JSON.stringify({ ...record, finished: new Date().toISOString(), steps: progress.step, best }, null, 2)}\n`,
    );
    const failures = [...developmentImages.failures, ...validationImages.failures];
    return { progress, modelFile, leftOut: failures.map(({ sample, error }) => ({ id: sample.id, code: error.code })) };
  } finally {
    await pool.close();
  }

  function modelOf({ weights, validation: outcome, step }: ValidationReport): Uint8Array {
    const held = `${facts.validationWriters} validation writers of ${record.datasets.join(', ')}`;
    return encodeModel(
      weights,
      {
        architecture: config.architecture,
        preprocess: config.preprocess,
        threshold: { value: outcome.threshold, source: `equal error rate on ${held}` },
        similarity: outcome.calibration,
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
        },
      },
      options.name ?? 'countersign',
    );
  }
}

function splitOf(dataset: Dataset, { config, protocols = [] }: TrainingRunOptions): Split {
  requireForgeries(dataset);
  const { validationWriters, seed } = config;
  const list = protocols.map(findWriterList).find((candidate) => candidate.dataset === dataset.name);
  if (list !== undefined) return splitByList(dataset, list, { validationWriters, seed });
  if (protocols.length > 0) {
    throw new CountersignError(
      'PROTOCOL_MISMATCH',
      `None of ${protocols.join(', ')} is a protocol of ${dataset.name}.`,
    );
  }
  return splitRandom(dataset, { testWriters: 0, validationWriters, seed });
}

/** Samples of several sets as one: writers of different sets are different people. */
function merge(datasets: readonly Dataset[]): Sample[] {
  return datasets.flatMap(({ name, samples }) =>
    samples.map((sample) => ({
      ...sample,
      id: `${name}/${sample.id}`,
      writer: `${name}/${sample.writer}`,
      identity: `${name}/${sample.identity}`,
    })),
  );
}

async function initialWeights(path: string, config: TrainConfig): Promise<Weights> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new CountersignError('MODEL_NOT_FOUND', `There is no weights file ${path}.`, { cause });
  }
  const source = path.endsWith('.onnx') ? decodeModel(bytes).weights : decodeSafetensors(bytes).tensors;
  return adoptWeights(config.architecture, source, new Rng(config.seed).fork('initial'));
}

/** The checkpoint, if it is of the same run. */
async function resumable(path: string, config: TrainConfig, dataHash: string): Promise<Checkpoint> {
  const checkpoint = await loadCheckpoint(path);
  if (checkpoint.dataHash !== dataHash) {
    throw new CountersignError('CHECKPOINT_MISMATCH', `${path} was trained on other data.`);
  }
  const differing = Object.keys(config).filter(
    (key) =>
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
