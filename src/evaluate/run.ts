/** An evaluation from a folder of signatures to a report: load, select the test writers, prepare, embed, judge. */
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { type LoadedImages, loadPreprocessed } from '../data/cache.js';
import type { Dataset } from '../data/dataset.js';
import { openDataset } from '../data/open-dataset.js';
import { holdOut, splitByList } from '../data/splits.js';
import { findWriterList, type WriterList } from '../data/test-writers.js';
import { requireForgeries, requireGenuinePairs } from '../data/writers.js';
import { learntFrom, type ModelMetadata } from '../nn/model-metadata.js';
import { preprocessIn } from '../runtime/preprocess-in.js';
import type { Embedder } from '../runtime/types.js';
import { runProbe } from './audit-run.js';
import { fixedAlready, fixOnWriters } from './fix-threshold.js';
import type { EmbeddedSamples } from './pairs.js';
import { evaluateProtocol } from './protocol.js';
import type { EvaluationReport } from './report.js';

export interface EvaluationRunOptions {
  /** Folder or manifest of the data set. */
  readonly data: string;
  readonly layout?: string | undefined;
  /** A list of test writers, `bhsig260-hindi/published`; without one every writer of the set is a test writer. */
  readonly protocol?: string | undefined;
  readonly embedder: Embedder;
  /** Accept up to this distance, in place of the model's threshold: fixed beforehand by whoever asks. */
  readonly threshold?: number | undefined;
  /**
   * Where neither the model nor the caller brings a threshold it is fixed on this many writers, 10 by default, who are not
   * tested: drawn by `seed` from those that the list leaves, or, without a list, from all.
   */
  readonly calibrationWriters?: number | undefined;
  /** Of random forgeries, reference draws and the bootstrap. */
  readonly seed: number;
  readonly cacheDir?: string | null | undefined;
  readonly onPrepare?: (done: number, total: number) => void;
  /** Measure beside it how far the same writers can be told apart without shape; takes as long as reading the whole set. */
  readonly probe?: boolean;
  readonly onProbe?: ((done: number, total: number) => void) | undefined;
}

const CALIBRATION_WRITERS = 10;

/**
 * @throws CountersignError DATASET_*, PROTOCOL_*; PROTOCOL_MISMATCH also when the model was trained on writers of this
 *   test
 */
export async function runEvaluation(options: EvaluationRunOptions): Promise<EvaluationReport> {
  const { embedder, seed } = options;
  const already = fixedAlready(embedder.metadata, options.threshold);
  const dataset = await openDataset(options.data, { layout: options.layout });
  const list = options.protocol === undefined ? undefined : findWriterList(options.protocol);
  const heldOut = already ? 0 : (options.calibrationWriters ?? CALIBRATION_WRITERS);
  const { test, calibration } = split(dataset, list, heldOut, seed);
  requireForgeries(test);
  requireGenuinePairs(test);
  if (embedder.metadata !== null) refuseSeenWriters(embedder.metadata, dataset, list);

  const load = (part: Dataset) =>
    loadPreprocessed(part.samples, embedder.preparation, {
      cacheDir: options.cacheDir,
      ...preprocessIn(embedder.pool),
      onProgress: ({ done, total }) => options.onPrepare?.(done, total),
    });
  const embed = async ({ samples, images }: LoadedImages): Promise<EmbeddedSamples> => {
    const { dimension, distance } = embedder;
    return { samples, embeddings: await embedder.embed(images), dimension, distance };
  };
  const from = { dataset: dataset.name, seed };
  const fixed = already ?? fixOnWriters(await embed(await load(calibration)), from);
  const loaded = await load(test);
  const leak =
    options.probe === false
      ? null
      : await runProbe(dataset, list, { pool: embedder.pool, seed, onProgress: options.onProbe });
  return evaluateProtocol({
    protocol: list?.name ?? (heldOut === 0 ? 'all writers' : `all writers but ${heldOut}`),
    dataset: dataset.name,
    modelId: embedder.modelId,
    ...(await embed(loaded)),
    failures: loaded.failures.map(({ sample, error }) => ({ sample, code: error.code })),
    ...fixed,
    rng: new Rng(seed),
    leak,
    ...(list?.pairs && { expectedPairs: list.pairs }),
    ...(list?.samplePerWriter && { samplePerWriter: list.samplePerWriter }),
  });
}

/** Test writers, and others to fix the threshold on. */
function split(
  dataset: Dataset,
  list: WriterList | undefined,
  calibrationWriters: number,
  seed: number,
): { readonly test: Dataset; readonly calibration: Dataset } {
  if (list === undefined) {
    const { heldOut, rest } = holdOut(dataset, { writers: calibrationWriters, seed });
    return { test: rest, calibration: heldOut };
  }
  const { test, validation } = splitByList(dataset, list, { validationWriters: calibrationWriters, seed });
  return { test, calibration: validation };
}

/**
 * A model may be tested on a set that its weights learnt from, in its own run or before, only by a list of writers that
 * was kept out each time.
 */
function refuseSeenWriters(model: ModelMetadata, dataset: Dataset, list: WriterList | undefined): void {
  const earlier = learntFrom(model).filter((entry) => entry.dataset === dataset.name);
  const leak = earlier.find(({ protocol }) => list === undefined || protocol !== list.name);
  if (leak === undefined) return;
  const kept = leak.protocol === null ? 'no writers' : `only the test writers of ${leak.protocol}`;
  throw new CountersignError(
    'PROTOCOL_MISMATCH',
    `${model.id} learnt from ${dataset.name} with ${kept} kept out; ${list?.name ?? 'all writers'} would test writers it has seen.`,
    { details: { model: model.id, dataset: dataset.name, learntFrom: earlier } },
  );
}
