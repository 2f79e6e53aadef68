import type { InkImage } from '../image/types.js';

/** Path of an image file, or the bytes of one. */
export type ImageSource = string | Uint8Array;

/** Turns preprocessed images into embeddings. Implemented by the runtime; everything else sees only this. */
export interface Embedder {
  readonly modelId: string;
  /** Length D of an embedding. */
  readonly dimension: number;
  /** @returns `[N, D]` float32, row-major, rows of L2 norm 1, in the order of `images`. */
  embed(images: readonly InkImage[]): Promise<Float32Array>;
  close(): Promise<void>;
}
