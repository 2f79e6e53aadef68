/** An evaluation from a folder of signatures to a report: load, select the test writers, prepare, embed, judge. */
import { Rng } from '../core/rng.js';
import { loadPreprocessed } from '../data/cache.js';
import { openDataset } from '../data/open-dataset.js';
import { splitByList } from '../data/splits.js';
import { findWriterList } from '../data/test-writers.js';
import { requireForgeries, requireGenuinePairs } from '../data/writers.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { preprocessIn } from '../runtime/preprocess-in.js';
import { runProbe } from './audit-run.js';
import { evidenceFor } from './operating-points.js';
import { evaluateProtocol } from './protocol.js';
import type { EvaluationReport } from './report.js';
import { refuseCalibrationWriters, refuseLearntWriters } from './seen-writers.js';

export interface EvaluationRunOptions {
  /** Folder or manifest of the data set. */
  readonly data: string;
  readonly layout?: string | undefined;
  /** A list of test writers, `bhsig260-hindi/published`; without one every writer of the set is a test writer. */
  readonly protocol?: string | undefined;
  readonly embedder: ModelEmbedder;
  /** Of random forgeries, reference draws and the bootstrap. */
  readonly seed: number;
  readonly cacheDir?: string | null | undefined;
  readonly onPrepare?: (done: number, total: number) => void;
  /** Measure beside it how far the same writers can be told apart without shape; takes as long as reading the whole set. */
  readonly probe?: boolean;
  readonly onProbe?: ((done: number, total: number) => void) | undefined;
}

/**
 * @throws CountersignError DATASET_*, PROTOCOL_*; PROTOCOL_MISMATCH also when the model was trained or
 *   calibrated on writers of this test
 */
export async function runEvaluation(options: EvaluationRunOptions): Promise<EvaluationReport> {
  const { embedder, seed } = options;
  const dataset = await openDataset(options.data, { layout: options.layout });
  const list = options.protocol === undefined ? undefined : findWriterList(options.protocol);
  const test = list === undefined ? dataset : splitByList(dataset, list, { validationWriters: 0, seed }).test;
  requireForgeries(test);
  requireGenuinePairs(test);
  refuseLearntWriters(embedder.metadata, dataset, list, 'test');
  refuseCalibrationWriters(embedder.metadata, dataset, test.samples);

  const { samples, images, failures } = await loadPreprocessed(test.samples, embedder.metadata.preprocess, {
    cacheDir: options.cacheDir,
    ...preprocessIn(embedder.pool),
    onProgress: ({ done, total }) => options.onPrepare?.(done, total),
  });
  const leak =
    options.probe === false
      ? null
      : await runProbe(dataset, list, { pool: embedder.pool, seed, onProgress: options.onProbe });
  return evaluateProtocol({
    protocol: list?.name ?? 'all writers',
    dataset: dataset.name,
    modelId: embedder.modelId,
    samples,
    embeddings: await embedder.embed(images),
    dimension: embedder.dimension,
    failures: failures.map(({ sample, error }) => ({ sample, code: error.code })),
    threshold: embedder.metadata.threshold,
    calibration: embedder.metadata.similarity,
    evidence: embedder.metadata.calibration && evidenceFor(embedder.metadata, 1).evidence,
    rng: new Rng(seed),
    leak,
    ...(list?.pairs && { expectedPairs: list.pairs }),
    ...(list?.samplePerWriter && { samplePerWriter: list.samplePerWriter }),
  });
}
