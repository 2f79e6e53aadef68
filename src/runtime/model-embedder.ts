import { readFile } from 'node:fs/promises';
import { CountersignError } from '../core/errors.js';
import { mapConcurrent } from '../data/map-concurrent.js';
import { invalidModel, type ModelMetadata, readModelMetadata } from '../nn/model-metadata.js';
import { WorkerPool } from './pool.js';
import type { Embedder } from './types.js';

/** Images a worker embeds at once. */
const CHUNK = 8;

export interface ModelEmbedder extends Embedder {
  readonly metadata: ModelMetadata;
}

export interface EmbedderOptions {
  /** Threads; the default is one. Many images want one a core. */
  readonly workers?: number;
}

/**
 * Loads a model file into a pool of its own.
 *
 * @throws CountersignError MODEL_NOT_FOUND, MODEL_INVALID; a network that the runtime refuses is told by the first `embed`
 *
 * @example
 * const embedder = await openEmbedder('models/countersign-v2.onnx');
 * await embedder.embed([image]); // Float32Array(256), norm 1
 */
export async function openEmbedder(modelFile: string, { workers = 1 }: EmbedderOptions = {}): Promise<ModelEmbedder> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(modelFile);
  } catch (cause) {
    throw new CountersignError(
      'MODEL_NOT_FOUND',
      `Cannot read a model file ${modelFile}: ${(cause as Error).message}.`,
      { cause },
    );
  }
  const metadata = readModelMetadata(bytes);
  const dimension = metadata.architecture.embeddingSize;
  const pool = new WorkerPool(workers);
  const opened = pool.open(bytes); // goes on while the caller prepares its first image
  opened.catch(() => undefined); // told to whoever embeds
  return {
    metadata,
    modelId: metadata.id,
    dimension,
    async embed(images) {
      const session = await opened;
      const out = new Float32Array(images.length * dimension);
      const starts = Array.from({ length: Math.ceil(images.length / CHUNK) }, (_, i) => i * CHUNK);
      await mapConcurrent(starts, 2 * workers, async (start) => {
        const batch = images.slice(start, start + CHUNK);
        const { embedding } = await pool.run(session, { images: batch, outputs: ['embedding'] });
        if (String(embedding!.shape) !== String([batch.length, dimension])) {
          throw invalidModel(`it gives [${embedding!.shape}] where its metadata says [${batch.length}, ${dimension}]`);
        }
        out.set(embedding!.data, start * dimension);
      });
      return out;
    },
    close: () => pool.close(),
  };
}
