/** What the page and its workers say to each other. */
import type { DecodeLimits } from '../../image/decode-limits.js';
import type { PreprocessOptions } from '../../image/options.js';
import type { PreprocessedImage } from '../../image/prepare-decoded.js';
import type { InkImage } from '../../image/types.js';
import type { ModelMetadata } from '../../nn/model-metadata.js';
import type { WorkerError } from '../../runtime/worker-error.js';

/** Of the worker that runs the network. */
export interface EmbedCalls {
  /** Before anything else, with the files of runtime and model, whole. */
  open(asks: { readonly runtime: ArrayBuffer; readonly model: ArrayBuffer }): Promise<ModelMetadata>;
  /** @returns [D] */
  embed(asks: { readonly ink: InkImage }): Promise<Float32Array>;
}

/** Of those that read pictures. */
export interface PrepareCalls {
  prepare(asks: {
    readonly image: Blob;
    readonly limits: DecodeLimits;
    readonly options: PreprocessOptions;
  }): Promise<PreprocessedImage>;
  /** So that the first picture takes no longer than those after it. */
  warmUp(asks: { readonly options: PreprocessOptions }): Promise<void>;
}

export interface Request {
  readonly id: number;
  readonly name: string;
  readonly asks: unknown;
}

export type Reply = { readonly id: number } & ({ readonly result: unknown } | { readonly error: WorkerError });
