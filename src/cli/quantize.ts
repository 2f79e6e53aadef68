/** A quantisation from a model file and a folder of signatures to a model file of 8-bit integers. */
import { availableParallelism } from 'node:os';
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { loadPreprocessed } from '../data/cache.js';
import { findProtocol } from '../data/find-protocol.js';
import { openDataset } from '../data/open-dataset.js';
import { refuseSameFile } from '../data/same-file.js';
import { splitByProtocol } from '../data/splits.js';
import { decodeModel, encodeQuantizedModel, type Model, nameOf } from '../nn/model-file.js';
import { readModelMetadata } from '../nn/model-metadata.js';
import { readModelFile } from '../nn/read-model-file.js';
import { fitQuantization } from '../runtime/fit-quantization.js';
import { WorkerPool } from '../runtime/pool.js';
import { preprocessIn } from '../runtime/preprocess-in.js';
import { VERSION } from '../version.js';

export interface QuantizeOptions {
  /** File of the float model. */
  readonly model: string;
  /** Folder or manifest of signatures like those it will see. */
  readonly data: string;
  readonly layout?: string | undefined;
  /** Whose test writers are kept out, `bhsig260-hindi/published`. */
  readonly protocol?: string | undefined;
  /** Images to draw; all where there are fewer. */
  readonly images: number;
  /** Of the draw. */
  readonly seed: number;
  /** The file to write. */
  readonly out: string;
  readonly cacheDir?: string | null;
  readonly onPrepare?: (done: number, total: number) => void;
  readonly onRun?: (done: number, total: number) => void;
}

export interface QuantizedModel {
  readonly modelId: string;
  readonly file: string;
  /** Sizes of the files. */
  readonly bytes: number;
  readonly sourceBytes: number;
  /** Images that ranges, biases and head were fitted on. */
  readonly images: number;
  /** Images drawn that show no signature. */
  readonly leftOut: readonly { readonly id: string; readonly code: string }[];
}

/**
 * @throws CountersignError INVALID_ARGUMENT, MODEL_NOT_FOUND, MODEL_INVALID, DATASET_*, PROTOCOL_*, WRITE_FAILED
 */
export async function quantizeModel(options: QuantizeOptions): Promise<QuantizedModel> {
  const { images: count, seed, out } = options;
  const bytes = await readModelFile(options.model);
  const model = decodeNamed(bytes, options.model);
  await refuseSameFile(options.model, out);
  const dataset = await openDataset(options.data, { layout: options.layout });
  const protocol = options.protocol === undefined ? undefined : findProtocol(options.protocol);
  const { samples } = splitByProtocol(dataset, protocol, { validationWriters: 0, seed }).development;
  const drawn = new Rng(seed).fork('quantize').sample(samples, count);

  const pool = new WorkerPool(availableParallelism());
  try {
    const { images, failures } = await loadPreprocessed(drawn, model.metadata.preprocess, {
      cacheDir: options.cacheDir,
      ...preprocessIn(pool),
      onProgress: ({ done, total }) => options.onPrepare?.(done, total),
    });
    requireImages(images.length, drawn.length, dataset.name);
    const { ranges, weights } = await fitQuantization(pool, model, images, options.onRun);
    const { id, schema: _, ...facts } = model.metadata;
    const quantization = {
      model: id,
      dataset: dataset.name,
      protocol: protocol?.name ?? null,
      images: images.length,
      seed,
      version: VERSION,
    };
    const quantized = encodeQuantizedModel(weights, ranges, { ...facts, quantization }, nameOf(id));
    await writeFileAtomic(out, quantized);
    return {
      modelId: readModelMetadata(quantized).id,
      file: out,
      bytes: quantized.length,
      sourceBytes: bytes.length,
      images: images.length,
      leftOut: failures.map(({ sample, error }) => ({ id: sample.id, code: error.code })),
    };
  } finally {
    await pool.close();
  }
}

function decodeNamed(bytes: Uint8Array, path: string): Model {
  try {
    return decodeModel(bytes);
  } catch (cause) {
    if (!(cause instanceof CountersignError)) throw cause;
    throw new CountersignError(cause.code, `${path}: ${cause.message}`, { details: cause.details, cause });
  }
}

function requireImages(usable: number, drawn: number, dataset: string): void {
  if (usable > 0) return;
  const message = `Expected images to fit the ranges of activations on; none of the ${drawn} drawn from ${dataset} shows a signature.`;
  throw new CountersignError('DATASET_TOO_FEW_SAMPLES', message);
}
