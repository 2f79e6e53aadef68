/** `testPromise` from folders of signatures: load, select, embed, split and test. */
import { loadPreprocessed } from '../data/cache.js';
import type { Sample } from '../data/dataset.js';
import { ALL_WRITERS, findProtocol } from '../data/find-protocol.js';
import { openDataset } from '../data/open-dataset.js';
import { splitByProtocol } from '../data/splits.js';
import { requireForgeries } from '../data/writers.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { preprocessIn } from '../runtime/preprocess-in.js';
import type { EmbeddedSamples } from './pairs.js';
import { type PromiseReport, testPromise } from './promise.js';
import { calibrationName, refuseCalibrationWriters, refuseLearntWriters } from './seen-writers.js';

export interface PromiseRunOptions {
  /** Folder or manifest of the data set whose writers are split. */
  readonly data: string;
  readonly layout?: string | undefined;
  /** A list of test writers; without one all writers of the set. */
  readonly protocol?: string | undefined;
  /** Another set, to test on in place of the other half; all its writers. */
  readonly testData?: string | undefined;
  readonly embedder: ModelEmbedder;
  readonly splits: number;
  /** Number of references: 1, 3, 5 or 10. */
  readonly references: number;
  readonly seed: number;
  readonly cacheDir?: string | null | undefined;
  readonly onPrepare?: (done: number, total: number) => void;
}

export interface PromiseRunReport extends PromiseReport {
  readonly modelId: string;
  readonly dataset: string;
  readonly protocol: string;
  /** Set where another data set was tested. */
  readonly testDataset: string | null;
}

/** @throws CountersignError DATASET_*, PROTOCOL_*; PROTOCOL_MISMATCH also for writers that the model has seen */
export async function runPromise(options: PromiseRunOptions): Promise<PromiseRunReport> {
  const { embedder, protocol, testData, ...rest } = options;
  const source = await embedUnseen(options, options.data, protocol);
  const test = testData === undefined ? undefined : await embedUnseen(options, testData, undefined);
  return {
    modelId: embedder.modelId,
    dataset: source.name,
    protocol: protocol ?? ALL_WRITERS.name,
    testDataset: test?.name ?? null,
    ...testPromise(source.embedded, { ...rest, test: test?.embedded }),
  };
}

async function embedUnseen(
  { embedder, layout, seed, cacheDir, onPrepare }: PromiseRunOptions,
  path: string,
  protocol: string | undefined,
): Promise<{ readonly name: string; readonly embedded: EmbeddedSamples }> {
  const dataset = await openDataset(path, { layout });
  const tested = protocol === undefined ? ALL_WRITERS : findProtocol(protocol);
  const { test: unseen } = splitByProtocol(dataset, tested, { validationWriters: 0, seed });
  requireForgeries(unseen);
  refuseLearntWriters(embedder.metadata, dataset, tested, 'test');
  refuseCalibrationWriters(embedder.metadata, dataset, unseen.samples);
  const { samples, images } = await loadPreprocessed(unseen.samples, embedder.metadata.preprocess, {
    cacheDir,
    ...preprocessIn(embedder.pool),
    onProgress: ({ done, total }) => onPrepare?.(done, total),
  });
  const named = (sample: Sample) => ({ ...sample, writer: calibrationName(dataset, sample.writer) });
  const embeddings = await embedder.embed(images);
  return { name: dataset.name, embedded: { samples: samples.map(named), embeddings, dimension: embedder.dimension } };
}
