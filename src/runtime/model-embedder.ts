import { readFile } from 'node:fs/promises';
import { CountersignError } from '../core/errors.js';
import { type ModelMetadata, readModelMetadata } from '../nn/model-metadata.js';
import { imageBatch } from './image-batch.js';
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
 * @throws CountersignError MODEL_NOT_FOUND, MODEL_INVALID
 *
 * @example
 * const embedder = await openEmbedder('models/signature.onnx');
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
  try {
    const session = await pool.open(bytes);
    return {
      metadata,
      modelId: metadata.id,
      dimension,
      async embed(images) {
        const out = new Float32Array(images.length * dimension);
        const starts = Array.from({ length: Math.ceil(images.length / CHUNK) }, (_, i) => i * CHUNK);
        await Promise.all(
          starts.map(async (start) => {
            const feeds = { image: imageBatch(images.slice(start, start + CHUNK)) };
            const { embedding } = await pool.run(session, { feeds, outputs: ['embedding'] });
            out.set(embedding!.data, start * dimension);
          }),
        );
        return out;
      },
      close: () => pool.close(),
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}
