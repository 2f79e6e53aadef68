/** Threshold, similarity and calibration of a model anew, from a folder of signatures: load, embed, fit, write. */
import { writeFileAtomic } from '../data/atomic-file.js';
import { loadPreprocessed } from '../data/cache.js';
import { findProtocol } from '../data/find-protocol.js';
import { openDataset } from '../data/open-dataset.js';
import { refuseSameFile } from '../data/same-file.js';
import { splitByProtocol } from '../data/splits.js';
import { groupByWriter, requireForgeries } from '../data/writers.js';
import { type ModelFacts, replaceFacts } from '../nn/model-file.js';
import { readModelMetadata } from '../nn/model-metadata.js';
import { readModelFile } from '../nn/read-model-file.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import { preprocessIn } from '../runtime/preprocess-in.js';
import { fitModelCalibration, type ModelCalibration } from './fit-model-calibration.js';
import { calibrationName, refuseLearntWriters } from './seen-writers.js';

export interface CalibrationRunOptions {
  /** Model file, float or quantised. */
  readonly model: string;
  /** Folder or manifest of a data set whose writers the model has not learnt from. */
  readonly data: string;
  readonly layout?: string | undefined;
  /** Whose test writers to keep out, `cedar/published`. */
  readonly protocol?: string | undefined;
  /** Writers to draw; all where it is left out. */
  readonly writers?: number | undefined;
  /** Of the draw. */
  readonly seed: number;
  /** The model file to write. */
  readonly out: string;
  readonly workers?: number;
  readonly cacheDir?: string | null | undefined;
  readonly onPrepare?: (done: number, total: number) => void;
}

export interface CalibrationRunResult extends Omit<ModelCalibration, 'similarity' | 'meanDistance'> {
  readonly modelId: string;
  readonly file: string;
  /** Images that show no signature. */
  readonly leftOut: readonly { readonly id: string; readonly code: string }[];
}

/**
 * @throws CountersignError MODEL_*, DATASET_*, PROTOCOL_*, WRITE_FAILED; PROTOCOL_MISMATCH also when the model learnt from
 *   this set; INVALID_ARGUMENT when `out` is the model itself
 */
export async function runCalibration(options: CalibrationRunOptions): Promise<CalibrationRunResult> {
  const { seed, out } = options;
  const bytes = await readModelFile(options.model);
  const metadata = readModelMetadata(bytes);
  await refuseSameFile(options.model, out);
  const dataset = await openDataset(options.data, { layout: options.layout });
  refuseLearntWriters(metadata, dataset, undefined, 'calibrate on');
  requireForgeries(dataset);
  const protocol = options.protocol === undefined ? undefined : findProtocol(options.protocol);
  const parts = splitByProtocol(dataset, protocol, { validationWriters: options.writers ?? 0, seed });
  const drawn = options.writers === undefined ? parts.development : parts.validation;

  const embedder = await openEmbedder(options.model, { workers: options.workers ?? 1 });
  try {
    const { samples, images, failures } = await loadPreprocessed(drawn.samples, metadata.preprocess, {
      cacheDir: options.cacheDir,
      ...preprocessIn(embedder.pool),
      onProgress: ({ done, total }) => options.onPrepare?.(done, total),
    });
    const { eer, threshold, similarity, calibration } = fitModelCalibration({
      samples: samples.map((sample) => ({ ...sample, writer: calibrationName(dataset, sample.writer) })),
      embeddings: await embedder.embed(images),
      dimension: embedder.dimension,
    });
    const { id: _id, schema: _schema, ...facts } = metadata;
    const source = `equal error rate on ${groupByWriter(samples).length} calibration writers of ${dataset.name}`;
    const fitted: ModelFacts = { ...facts, threshold: { value: threshold, source }, similarity, calibration };
    const file = replaceFacts(bytes, fitted);
    await writeFileAtomic(out, file);
    return {
      modelId: readModelMetadata(file).id,
      file: out,
      eer,
      threshold,
      calibration,
      leftOut: failures.map(({ sample, error }) => ({ id: sample.id, code: error.code })),
    };
  } finally {
    await embedder.close();
  }
}
