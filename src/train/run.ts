/**
 * A training run from a folder of signatures to a model file: load, split, prepare, train, calibrate, record.
 *
 * In the output folder: `run.json` (what the run was made from), `checkpoint.safetensors` (to resume), `model.onnx`
 * (the best weights so far, with the threshold and score fitted on the validation writers; where the end makes others of them, those
 * are `trained.onnx`); at the end, if asked for, `careful.onnx` (the same of two views).
 */
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { writeFileAtomic } from '../data/atomic-file.js';
import { loadPreprocessed } from '../data/cache.js';
import { hashSamples } from '../data/data-hash.js';
import { findProtocol } from '../data/find-protocol.js';
import { openDataset } from '../data/open-dataset.js';
import type { SampleOfSet } from '../metric/sampler.js';
import { decodeModel, type ModelFacts } from '../nn/model-file.js';
import { eachOnce, viewsOf } from '../nn/model-metadata.js';
import { defineJob, WorkerPool } from '../runtime/pool.js';
import { preprocessIn } from '../runtime/preprocess-in.js';
import { RUNTIME_VERSION } from '../runtime/session.js';
import { VERSION } from '../version.js';
import type { Origin, Progress } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { drawIdentities, imagesOf } from './draw-identities.js';
import { changesWeights, type EndedWeights, endsByViews, endWeights, turnsEmbeddings } from './end-weights.js';
import { inheritHead } from './inherit-head.js';
import { readInitialWeights } from './initial-weights.js';
import { refuseContradictions } from './refuse-contradictions.js';
import { refuseSeenValidation } from './refuse-seen-validation.js';
import { countIdentitiesWithoutPair, requireDevelopment, requireValidation } from './require-samples.js';
import { readCheckpoint, refuseOtherRun, requireSameStart, requireSameWitness, runFolder } from './run-folder.js';
import { splitDatasets } from './split-datasets.js';
import { type StepReport, train, type ValidationReport } from './train.js';
import { validateWeights } from './validate-weights.js';
import { askWitness, readWitness } from './witness.js';

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
  /** With `config.radiusShare`: a model that has learnt from none of the writers of some data set with forgeries. */
  readonly witness?: string | undefined;
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
  /** The head of the model that training starts from does not go on: another is drawn, or inherits from it. */
  onNewHead?(inherits: boolean): void;
  onStart?(facts: RunFacts): void;
  onStep?(report: StepReport): void;
  onValidation?(report: ValidationReport): void;
}

export interface TrainingRunResult {
  readonly progress: Progress;
  readonly modelFile: string;
  /** Of `modelFile` on the validation writers; undefined where nothing was validated. */
  readonly eer: number | undefined;
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
  const { config, listener = {} } = options;
  const folder = runFolder(options.out, config);

  refuseContradictions(config);
  if (!options.resume) await refuseOtherRun(folder);
  const datasets = await Promise.all(options.data.map((path) => openDataset(path, { layout: options.layout })));
  const protocols = (options.protocols ?? []).map(findProtocol);
  const { development, validation, test } = splitDatasets(datasets, protocols, config);
  const dataHash = await hashSamples([...development, ...validation]);
  const resumeFrom = options.resume ? await readCheckpoint(folder, config, dataHash) : undefined;
  // A run that goes on needs what it started from only for its end, or as its teacher.
  const needsStart = resumeFrom === undefined || config.startShare > 0 || config.distillation > 0;
  const start = needsStart ? await readInitialWeights(options.init, config) : undefined;
  if (resumeFrom && start) requireSameStart(resumeFrom, start.hash, options.init);
  const witness = config.radiusShare > 0 ? await readWitness(options.witness, config) : undefined;
  if (resumeFrom) requireSameWitness(resumeFrom, witness?.metadata.id);
  if (resumeFrom === undefined) refuseSeenValidation(validation, start!, options.init);
  if (resumeFrom === undefined && start!.losesHead) listener.onNewHead?.(config.inheritHead);
  const origin: Origin = resumeFrom?.origin ?? {
    init: basename(options.init),
    name: options.name ?? 'countersign',
    ancestry: start!.ancestry,
    startHash: start!.hash,
    ...(witness && { witness: witness.metadata.id }),
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
    /** Those of sets that are left out are measured, and decide nothing. */
    const deciding = validationImages.samples.filter(({ dataset }) => !config.leaveOut.includes(dataset));
    requireValidation(deciding);
    // What the end needs is refused here, before anything is learnt.
    // What has ended embeds no more with the weights it began with, but where it averages with them.
    const inheritsFrom = resumeFrom?.progress.finished && config.startShare === 0 ? undefined : start?.inheritsFrom;
    const groups = turnsEmbeddings(config) || inheritsFrom ? drawIdentities(config, developmentImages.samples) : [];
    const drawn = imagesOf(groups, developmentImages.images);
    const testimony = witness && (await askWitness(networkPool, config, witness, developmentImages));
    const writers = (samples: readonly SampleOfSet[]) => new Set(samples.map(({ writer }) => writer)).size;
    const facts: RunFacts = {
      developmentWriters: writers(developmentImages.samples),
      identitiesWithoutPair: countIdentitiesWithoutPair(developmentImages.samples),
      validationWriters: writers(deciding),
      testWriters: new Set(test.map(({ writer }) => writer)).size,
      images: developmentImages.samples.length,
    };
    const learnt = datasets.map(({ name }) => name).filter((name) => !config.leaveOut.includes(name));
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
      ...(origin.witness && { witness: origin.witness }),
      seed: config.seed,
      workers: config.workers,
      device: config.device,
      config,
    };
    await writeFileAtomic(folder.record, `${JSON.stringify(record, null, 2)}\n`);
    listener.onStart?.(facts);

    const keep = (
      path: string,
      { weights, validation: outcome, step }: Omit<ValidationReport, 'isBest'>,
      {
        architecture = config.architecture,
        views = 1,
        ancestry = origin.ancestry,
      }: Partial<Pick<ModelFacts, 'architecture' | 'views'> & Pick<Origin, 'ancestry'>> = {},
    ): Promise<void> => {
      const held = `${facts.validationWriters} validation writers of ${learnt.join(', ')}`;
      return pool.call(writeModel, {
        path,
        weights,
        metadata: {
          architecture,
          preprocess: config.preprocess,
          views,
          threshold: { value: outcome.threshold, source: `equal error rate on ${held}` },
          similarity: outcome.similarity,
          calibration: outcome.calibration,
          training: {
            datasets: learnt,
            developmentWriters: facts.developmentWriters,
            validationWriters: facts.validationWriters,
            dataHash,
            seed: config.seed,
            step,
            loss: config.loss,
            initialWeights: record.init,
            validationEer: outcome.eer,
            version: VERSION,
            protocols: record.protocols.filter((name) => learnt.some((set) => name.startsWith(`${set}/`))),
            ancestry,
          },
        },
        name: origin.name,
      });
    };

    const startWeights = inheritsFrom
      ? await inheritHead(pool.size, config, start!.weights, inheritsFrom, drawn)
      : start?.weights;
    const progress = await train({
      config,
      development: developmentImages,
      validation: validationImages,
      start: startWeights,
      dataHash,
      origin,
      pool,
      networkPool,
      checkpointPath: folder.checkpoint,
      ...(resumeFrom && { resumeFrom }),
      onStep: (report) => listener.onStep?.(report),
      onValidation: async (report) => {
        if (report.isBest) await keep(folder.trained, report);
        listener.onValidation?.(report);
      },
    });
    const { best } = progress;
    let eer = best?.eer;
    let careful: { readonly eer: number } | undefined;
    if (best !== null && (changesWeights(config) || config.careful)) {
      const trained = {
        best: decodeModel(await readFile(folder.trained)).weights,
        start: startWeights,
        drawn,
        testimony,
      };
      const ancestry = eachOnce([...origin.ancestry, ...(witness?.ancestry ?? [])]);
      const endIn = (views: ModelFacts['views']) => endWeights(networkPool, config, trained, viewsOf({ views }));
      const write = async (path: string, views: ModelFacts['views'], { weights, architecture }: EndedWeights) => {
        const ending = { ...config, architecture };
        const validation = await validateWeights(networkPool, ending, weights, validationImages, views);
        await keep(path, { weights, validation, step: best.step }, { architecture, views, ancestry });
        return validation.eer;
      };
      const plain = await endIn(1);
      if (changesWeights(config)) eer = await write(folder.model, 1, plain);
      if (config.careful) {
        careful = { eer: await write(folder.careful, 2, endsByViews(config) ? await endIn(2) : plain) };
      }
    }
    const { startShare, whiteningShare, featureShare, mergedSize, radiusShare } = config;
    const ended = {
      finished: new Date().toISOString(),
      steps: progress.step,
      best,
      ...(startShare > 0 && { averaged: { startShare, eer } }),
      ...(whiteningShare > 0 && { whitened: { whiteningShare, eer } }),
      ...(featureShare > 0 && { merged: { featureShare, mergedSize, eer } }),
      ...(testimony && { radius: { radiusShare, writers: testimony.writers, eer } }),
      ...(careful && { careful }),
    };
    await writeFileAtomic(folder.record, `${JSON.stringify({ ...record, ...ended }, null, 2)}\n`);
    return {
      progress,
      modelFile: folder.model,
      eer,
      leftOut,
      careful: careful && { modelFile: folder.careful, ...careful },
    };
  } finally {
    await pool.close();
    if (networkPool !== pool) await networkPool.close();
  }
}

/** What decides the last bits of every sum, beside the configuration. */
function environment() {
  return { processor: cpus()[0]?.model ?? process.arch, node: process.versions.node, onnxruntime: RUNTIME_VERSION };
}
