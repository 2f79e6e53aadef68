/** An evaluation from a folder of signatures to a report: load, select the test writers, prepare, embed, judge. */
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { loadPreprocessed } from '../data/cache.js';
import { hashSamples } from '../data/data-hash.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { ALL_WRITERS, findBuiltIn, findProtocol } from '../data/find-protocol.js';
import { openDataset } from '../data/open-dataset.js';
import type { Protocol } from '../data/protocol.js';
import { splitByProtocol, testWritersOf } from '../data/splits.js';
import { requireForgeries, requireGenuinePairs } from '../data/writers.js';
import type { PreprocessOptions } from '../image/options.js';
import type { InkImage } from '../image/types.js';
import { learntFrom, type ModelMetadata } from '../nn/model-metadata.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { preprocessIn } from '../runtime/preprocess-in.js';
import { runProbe } from './audit-run.js';
import { evaluateProtocol } from './protocol.js';
import { type Occasion, provenanceOf } from './provenance.js';
import type { EvaluationReport } from './report.js';

export interface EvaluationRunOptions {
  /** Folder or manifest of the data set. */
  readonly data: string;
  readonly layout?: string | undefined;
  /** For `findProtocol`, `bhsig260-hindi/published`; without one every writer of the set is a test writer. */
  readonly protocol?: string | undefined;
  readonly embedder: ModelEmbedder;
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

/**
 * @throws CountersignError DATASET_*, PROTOCOL_*; PROTOCOL_MISMATCH also when the model was trained on writers of this
 *   test
 */
export async function runEvaluation(options: EvaluationRunOptions): Promise<EvaluationReport> {
  const { embedder, seed } = options;
  const dataset = await openDataset(options.data, { layout: options.layout });
  const protocol = options.protocol === undefined ? ALL_WRITERS : findProtocol(options.protocol);
  const { test } = splitByProtocol(dataset, protocol, { validationWriters: 0, seed });
  requireForgeries(test);
  requireGenuinePairs(test);
  refuseSeenWriters(embedder.metadata, dataset, protocol);

  const { samples, images, failures } = await loadPreprocessed(test.samples, preparation(embedder.metadata, protocol), {
    cacheDir: options.cacheDir,
    ...preprocessIn(embedder.pool),
    onProgress: ({ done, total }) => options.onPrepare?.(done, total),
  });
  options.onImages?.(samples, images);
  const leak =
    options.probe === false
      ? null
      : await runProbe(dataset, protocol, { pool: embedder.pool, seed, onProgress: options.onProbe });
  return evaluateProtocol({
    protocol: protocol.name,
    dataset: dataset.name,
    modelId: embedder.modelId,
    input: protocol.input,
    learntFrom: [...new Set(learntFrom(embedder.metadata).map((entry) => entry.dataset))],
    samples,
    embeddings: await embedder.embed(images),
    dimension: embedder.dimension,
    failures: failures.map(({ sample, error }) => ({ sample, code: error.code })),
    threshold: embedder.metadata.threshold,
    calibration: embedder.metadata.similarity,
    rng: new Rng(seed),
    leak,
    provenance: provenanceOf({ seed, dataHash: await hashSamples(test.samples) }, embedder.metadata, options.occasion),
    expectedPairs: protocol.pairs,
    samplePerWriter: protocol.samplePerWriter,
    references: protocol.references,
  });
}

/** The model's own, with strokes of one width where the protocol asks for the shape only. */
function preparation({ preprocess }: ModelMetadata, { input }: Protocol): PreprocessOptions {
  return input === 'shape-only' ? { ...preprocess, strokes: 'equalised' } : preprocess;
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
