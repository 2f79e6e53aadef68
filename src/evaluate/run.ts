/** An evaluation from a folder of signatures to a report: load, select the test writers, prepare, embed, judge. */
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { type LoadedImages, loadPreprocessed } from '../data/cache.js';
import type { Dataset } from '../data/dataset.js';
import { ALL_WRITERS, findBuiltIn, findProtocol } from '../data/find-protocol.js';
import { openDataset } from '../data/open-dataset.js';
import type { Protocol } from '../data/protocol.js';
import { holdOut, splitByProtocol, testWritersOf } from '../data/splits.js';
import { requireForgeries, requireGenuinePairs } from '../data/writers.js';
import type { Preparation } from '../image/prepare.js';
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
  /** For `findProtocol`, `bhsig260-hindi/published`; without one every writer of the set is a test writer. */
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
  const protocol = options.protocol === undefined ? ALL_WRITERS : findProtocol(options.protocol);
  const heldOut = already ? 0 : (options.calibrationWriters ?? CALIBRATION_WRITERS);
  const { test, calibration } = split(dataset, protocol, heldOut, seed);
  requireForgeries(test);
  requireGenuinePairs(test);
  if (embedder.metadata !== null) refuseSeenWriters(embedder.metadata, dataset, protocol);

  const load = (part: Dataset) =>
    loadPreprocessed(part.samples, preparationFor(embedder, protocol), {
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
      : await runProbe(dataset, protocol, { pool: embedder.pool, seed, onProgress: options.onProbe });
  return evaluateProtocol({
    protocol: isWhole(protocol) && heldOut > 0 ? `all writers but ${heldOut}` : protocol.name,
    dataset: dataset.name,
    modelId: embedder.modelId,
    input: protocol.input,
    learntFrom: embedder.metadata && [...new Set(learntFrom(embedder.metadata).map((entry) => entry.dataset))],
    ...(await embed(loaded)),
    failures: loaded.failures.map(({ sample, error }) => ({ sample, code: error.code })),
    ...fixed,
    rng: new Rng(seed),
    leak,
    expectedPairs: protocol.pairs,
    samplePerWriter: protocol.samplePerWriter,
    references: protocol.references,
  });
}

/** The embedder's own, with strokes of one width where the protocol asks for the shape only. */
function preparationFor({ preparation }: Embedder, { name, input }: Protocol): Preparation {
  if (input === 'as-prepared') return preparation;
  if (!('resize' in preparation)) return { ...preparation, strokes: 'equalised' };
  const message = `${name} tests the shape only, but this network is fed the picture as it is; its adapter can feed it prepared ink ("picture": {"feed": "prepared"}).`;
  throw new CountersignError('PROTOCOL_MISMATCH', message);
}

const isWhole = ({ testWriters }: Protocol) => testWriters.select === 'all';

/** Test writers, and others to fix the threshold on. */
function split(
  dataset: Dataset,
  protocol: Protocol,
  calibrationWriters: number,
  seed: number,
): { readonly test: Dataset; readonly calibration: Dataset } {
  if (isWhole(protocol)) {
    const { heldOut, rest } = holdOut(dataset, { writers: calibrationWriters, seed });
    return { test: rest, calibration: heldOut };
  }
  const { test, validation } = splitByProtocol(dataset, protocol, { validationWriters: calibrationWriters, seed });
  return { test, calibration: validation };
}

/**
 * A model may be tested on a set that its weights learnt from, in its own run or before, only on writers that were kept
 * out each time.
 */
function refuseSeenWriters(model: ModelMetadata, dataset: Dataset, protocol: Protocol): void {
  const earlier = learntFrom(model).filter((entry) => entry.dataset === dataset.name);
  const leak = earlier.find((entry) => !keptOut(entry.protocol, dataset, protocol));
  if (leak === undefined) return;
  const kept = leak.protocol === null ? 'no writers' : `only the test writers of ${leak.protocol}`;
  throw new CountersignError(
    'PROTOCOL_MISMATCH',
    `${model.id} learnt from ${dataset.name} with ${kept} kept out; ${protocol.name} would test writers it has seen.`,
    { details: { model: model.id, dataset: dataset.name, learntFrom: earlier } },
  );
}

/** Whether keeping out the writers of the protocol `kept` kept out those that are tested now. */
function keptOut(kept: string | null, dataset: Dataset, tested: Protocol): boolean {
  if (kept === null) return false;
  if (kept === tested.name) return true;
  const protocol = findBuiltIn(kept); // a document of somebody's own is known by its name alone
  if (protocol === undefined) return false;
  const writers = new Set(testWritersOf(dataset, protocol));
  return testWritersOf(dataset, tested).every((writer) => writers.has(writer));
}
