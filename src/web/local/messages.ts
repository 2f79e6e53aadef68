/** What the page and the worker that runs the network say to each other. */
import type { DecodeLimits } from '../../image/options.js';
import type { PreprocessedImage } from '../../image/prepare-decoded.js';
import type { ModelMetadata } from '../../nn/model-metadata.js';
import type { WorkerError } from '../../runtime/worker-error.js';

/** A signature prepared and seen by the network. */
export interface SeenImage extends PreprocessedImage {
  /** [D], norm 1. */
  readonly embedding: Float32Array;
}

/** First `open`, then any number of `see`. */
export interface Requests {
  /** The files of runtime and model, whole. */
  open: { readonly asks: { readonly runtime: ArrayBuffer; readonly model: ArrayBuffer }; readonly gets: ModelMetadata };
  see: { readonly asks: { readonly image: Blob; readonly limits: DecodeLimits }; readonly gets: SeenImage };
}

export type RequestName = keyof Requests;

export type Request = {
  [Name in RequestName]: { readonly id: number; readonly name: Name; readonly asks: Requests[Name]['asks'] };
}[RequestName];

export type Reply = { readonly id: number } & ({ readonly result: unknown } | { readonly error: WorkerError });
