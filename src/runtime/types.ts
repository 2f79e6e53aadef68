import type { Preparation } from '../image/prepare.js';
import type { InkImage } from '../image/types.js';
import type { DistanceName } from '../nn/adapter.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import type { WorkerPool } from './pool.js';

/** Path of an image file, or the bytes of one. */
export type ImageSource = string | Uint8Array;

/** Turns images into embeddings: a model of ours, or a network of others behind an adapter. */
export interface Embedder {
  readonly modelId: string;
  /** Length D of an embedding. */
  readonly dimension: number;
  /** What embeddings are compared by. */
  readonly distance: DistanceName;
  /** How an image file becomes what `embed` takes. */
  readonly preparation: Preparation;
  /** What a model file of ours says of itself; null for a network of others. */
  readonly metadata: ModelMetadata | null;
  /** The threads the network runs on; other work may use them too. */
  readonly pool: WorkerPool;
  /**
   * @param images - prepared by `preparation`
   * @returns `[N, D]` float32, row-major, in the order of `images`
   */
  embed(images: readonly InkImage[]): Promise<Float32Array>;
  close(): Promise<void>;
}
