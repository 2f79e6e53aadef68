/** An evaluation from a folder of signatures to a report: load, select the test writers, prepare, embed, judge. */
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { type LoadedImages, loadPreprocessed } from '../data/cache.js';
import { hashSamples } from '../data/data-hash.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { ALL_WRITERS, findProtocol } from '../data/find-protocol.js';
import { openDataset } from '../data/open-dataset.js';
import type { Protocol } from '../data/protocol.js';
import { splitByProtocol } from '../data/splits.js';
import { requireForgeries, requireGenuinePairs } from '../data/writers.js';
import type { Preparation } from '../image/prepare.js';
import type { InkImage } from '../image/types.js';
import { learntFrom } from '../nn/model-metadata.js';
import { preprocessIn } from '../runtime/preprocess-in.js';
import type { Embedder } from '../runtime/types.js';
import { runProbe } from './audit-run.js';
import { fixedAlready, fixOnWriters } from './fix-threshold.js';
import { evidenceFor } from './operating-points.js';
import type { EmbeddedSamples } from './pairs.js';
import { evaluateProtocol } from './protocol.js';
import { type Occasion, provenanceOf } from './provenance.js';
import type { EvaluationReport } from './report.js';
import { refuseCalibrationWriters, refuseLearntWriters } from './seen-writers.js';

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
  /** The canvases that the network saw, for pictures of what went wrong. */
  readonly onImages?: ((samples: readonly Sample[], images: readonly InkImage[]) => void) | undefined;
  readonly occasion?: Occasion | undefined;
}

const CALIBRATION_WRITERS = 10;

/**
 * @throws CountersignError DATASET_*, PROTOCOL_*; PROTOCOL_MISMATCH also when the model was trained or
 *   calibrated on writers of this test
 */
export async function runEvaluation(options: EvaluationRunOptions): Promise<EvaluationReport> {
  const { embedder, seed } = options;
  const already = fixedAlready(embedder.metadata, options.threshold);
  const dataset = await openDataset(options.data, { layout: options.layout });
  const protocol = options.protocol === undefined ? ALL_WRITERS : findProtocol(options.protocol);
  const heldOut = already ? 0 : (options.calibrationWriters ?? CALIBRATION_WRITERS);
  const { test, calibration } = split(dataset, protocol, { heldOut, seed });
  requireForgeries(test);
  requireGenuinePairs(test);
  if (embedder.metadata !== null) {
    refuseLearntWriters(embedder.metadata, dataset, protocol, 'test');
    refuseCalibrationWriters(embedder.metadata, dataset, test.samples);
  }

  const preparation = preparationFor(embedder, protocol);
  const load = (part: Dataset) =>
    loadPreprocessed(part.samples, preparation, {
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
  options.onImages?.(loaded.samples, loaded.images);
  const leak =
    options.probe === false
      ? null
      : await runProbe(dataset, protocol, { pool: embedder.pool, seed, onProgress: options.onProbe });
  return evaluateProtocol({
    protocol: heldOut > 0 && isOfAll(protocol) ? `${protocol.name} but ${heldOut} writers` : protocol.name,
    dataset: dataset.name,
    modelId: embedder.modelId,
    input: protocol.input,
    learntFrom: embedder.metadata && [...new Set(learntFrom(embedder.metadata).map((entry) => entry.dataset))],
    ...(await embed(loaded)),
    failures: loaded.failures.map(({ sample, error }) => ({ sample, code: error.code })),
    ...fixed,
    evidence: embedder.metadata?.calibration && evidenceFor(embedder.metadata, 1).evidence,
    rng: new Rng(seed),
    leak,
    provenance: provenanceOf({ seed, dataHash: await hashSamples(test.samples) }, embedder.metadata, options.occasion),
    expectedPairs: protocol.pairs,
    samplePerWriter: protocol.samplePerWriter,
    references: protocol.references,
  });
}

const isOfAll = ({ testWriters }: Protocol) => testWriters.select === 'all';

/** Test writers, and others to fix the threshold on: where all would be tested, some of them. */
function split(
  dataset: Dataset,
  protocol: Protocol,
  { heldOut, seed }: { readonly heldOut: number; readonly seed: number },
): { readonly test: Dataset; readonly calibration: Dataset } {
  const all = isOfAll(protocol);
  const parts = splitByProtocol(dataset, all ? undefined : protocol, { validationWriters: heldOut, seed });
  const test = all ? parts.development : parts.test;
  if (test.samples.length > 0) return { test, calibration: parts.validation };
  const message = `Expected more than ${heldOut} writers of ${dataset.name}: all of them would be held out.`;
  throw new CountersignError('DATASET_TOO_FEW_WRITERS', message, { details: { heldOut } });
}

/** The model's own, with strokes of one width where the protocol asks for the shape only. */
function preparationFor({ preparation, modelId }: Embedder, { name, input }: Protocol): Preparation {
  if (input !== 'shape-only') return preparation;
  if (!('resize' in preparation)) return { ...preparation, strokes: 'equalised' };
  const message = `${name} shows the shape only, but ${modelId} is fed raw pictures: ask for prepared ones in its adapter (picture.feed).`;
  throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { protocol: name, model: modelId } });
}
