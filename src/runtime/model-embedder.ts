import type { CountersignError } from '../core/errors.js';
import { mapConcurrent } from '../data/map-concurrent.js';
import type { DecodeLimits } from '../image/decode-limits.js';
import type { ImageQuality } from '../image/quality.js';
import type { InkImage } from '../image/types.js';
import { invalidModel, wrongLength } from '../nn/invalid-model.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { readModelFile } from '../nn/read-model-file.js';
import { CHUNK, chunksOf, embedImages } from './embed-images.js';
import { type PoolSession, WorkerPool } from './pool.js';
import type { Embedder, ImageSource } from './types.js';
import { restoreError } from './worker-error.js';

/** What became of one file. */
export type FileEmbedding =
  | { readonly embedding: Float32Array; readonly quality: ImageQuality }
  | { readonly error: CountersignError };

/** With what the network saw of it. */
export type SeenFile =
  | { readonly embedding: Float32Array; readonly quality: ImageQuality; readonly ink: InkImage }
  | { readonly error: CountersignError };

export interface ModelEmbedder extends Embedder {
  readonly metadata: ModelMetadata;
  /** @returns rows of norm 1, or of the radius that the model gives each */
  embed(images: readonly InkImage[]): Promise<Float32Array>;
  /**
   * Image files to embeddings, in their order: decoding, preprocessing and the network on the pool's threads. An image
   * that fails is told in its place.
   */
  embedFiles(sources: readonly ImageSource[], limits?: DecodeLimits): Promise<FileEmbedding[]>;
  /** The same, with what the network saw of each: for a few files, 40 kB each. */
  seeFiles(sources: readonly ImageSource[], limits?: DecodeLimits): Promise<SeenFile[]>;
  /**
   * The same for any number of files: reads on only as fast as results are taken. It is made for long lists: the first
   * result comes when (2 x workers + 1) x 8 files were read, or the list has ended, and so many are in memory.
   *
   * @example
   * for await (const { source, ...result } of embedder.embedStream(paths)) {
   *   if ('embedding' in result) await store(source, result.embedding);
   * }
   */
  embedStream(
    sources: Iterable<ImageSource> | AsyncIterable<ImageSource>,
    limits?: DecodeLimits,
  ): AsyncGenerator<{ readonly source: ImageSource } & FileEmbedding>;
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
 * const embedder = await openEmbedder(PACKAGE_MODELS.default);
 * await embedder.embed([image]); // Float32Array(512)
 */
export async function openEmbedder(modelFile: string, { workers = 1 }: EmbedderOptions = {}): Promise<ModelEmbedder> {
  const pool = new WorkerPool(workers);
  // In its thread, and from its file, while this thread loads the schemas and the caller prepares its first image.
  const opened = pool.open(modelFile);
  opened.catch(() => undefined); // told to whoever embeds
  try {
    const reading = readModelFile(modelFile);
    reading.catch(() => undefined); // told below, once the schemas are loaded
    const { dimensionOf, readModelMetadata } = await import('../nn/model-metadata.js');
    const metadata = readModelMetadata(await reading);
    return embedderOn(pool, opened, metadata, dimensionOf(metadata));
  } catch (error) {
    await pool.close();
    throw error;
  }
}

function embedderOn(
  pool: WorkerPool,
  opened: Promise<PoolSession>,
  metadata: ModelMetadata,
  dimension: number,
): ModelEmbedder {
  /** Images at a time: fewer where the network sees each several times, or larger than its canvas. */
  const atOnce = Math.max(1, Math.round(CHUNK / (metadata.views * metadata.architecture.enlargement ** 2)));
  const requireLength = (length: number) => {
    if (length === dimension) return;
    throw invalidModel(wrongLength(length, dimension));
  };

  const embedChunk = async (
    sources: readonly ImageSource[],
    limits: DecodeLimits | undefined,
    withInk = false,
  ): Promise<FileEmbedding[]> => {
    const { preprocess } = metadata;
    const results = await pool.embedFiles(await opened, { sources, preprocess, limits, withInk });
    return results.map((result) => {
      if ('error' in result) return { error: restoreError(result.error) };
      requireLength(result.embedding.length);
      return result;
    });
  };

  const embedAll = async (sources: readonly ImageSource[], limits: DecodeLimits | undefined, withInk: boolean) => {
    // A few files go to all workers too, unless these have enough to do: then they are quicker together.
    const size = pool.backlog > pool.size ? atOnce : Math.min(atOnce, Math.ceil(sources.length / pool.size));
    const chunks = chunksOf(sources, size);
    return (await mapConcurrent(chunks, 2 * pool.size, (chunk) => embedChunk(chunk, limits, withInk))).flat();
  };

  return {
    metadata,
    modelId: metadata.id,
    dimension,
    distance: 'euclidean',
    preparation: metadata.preprocess,
    pool,

    async embed(images) {
      return embedImages(pool, await opened, images, { output: 'embedding', dimension, requireLength, atOnce });
    },

    embedFiles: (sources, limits) => embedAll(sources, limits, false),

    seeFiles: (sources, limits) => embedAll(sources, limits, true) as Promise<SeenFile[]>,

    async *embedStream(sources, limits) {
      const pending: { chunk: readonly ImageSource[]; results: Promise<FileEmbedding[]> }[] = [];
      async function* take() {
        const { chunk, results } = pending.shift()!;
        const done = await results;
        yield* chunk.map((source, i) => ({ source, ...done[i]! }));
      }
      for await (const chunk of inChunks(sources, atOnce)) {
        const results = embedChunk(chunk, limits);
        results.catch(() => undefined); // told when its turn comes
        pending.push({ chunk, results });
        if (pending.length > 2 * pool.size) yield* take();
      }
      while (pending.length > 0) yield* take();
    },

    close: () => pool.close(),
  };
}

async function* inChunks<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
