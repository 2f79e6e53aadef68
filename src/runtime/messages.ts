/** What the pool and its workers say to each other. */
import type { DecodeLimits } from '../image/decode-limits.js';
import type { PreprocessOptions } from '../image/options.js';
import type { ImageQuality } from '../image/quality.js';
import type { InkImage } from '../image/types.js';
import type { ImageInput } from './image-batch.js';
import type { Tensors } from './session.js';
import type { ImageSource } from './types.js';
import type { WorkerError } from './worker-error.js';

/** A slice of shared memory that holds one float32 tensor. */
export interface SharedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly buffer: SharedArrayBuffer;
  /** In bytes. */
  readonly offset: number;
}

/** All outputs are added to shared memory, by one worker after another in the order of their tickets 0, 1, 2, ... */
export interface OrderedSum {
  /** The outputs one behind the other, in their order in the model. */
  readonly sum: Float32Array;
  readonly ticket: number;
  /** One int32: the ticket whose turn it is; negative when a turn was lost. The first ticket sets, the others add. */
  readonly turn: SharedArrayBuffer;
}

export interface RunRequest {
  /** Become an input, of our own networks unless `input` says otherwise; filled up to `batch`. */
  readonly images?: readonly InkImage[];
  readonly input?: ImageInput;
  readonly batch?: number | undefined;
  readonly feeds?: Tensors;
  /** Outputs to send back. */
  readonly outputs?: readonly string[];
  readonly addTo?: OrderedSum;
}

export interface EmbedFilesRequest {
  readonly sources: readonly ImageSource[];
  readonly preprocess: PreprocessOptions;
  readonly limits: DecodeLimits | undefined;
  /** Send what the network saw back, too. */
  readonly withInk?: boolean;
}

/** What became of one file: its embedding, [D], with the ink where that was asked for, or why there is none. */
export type EmbeddedFile =
  | { readonly embedding: Float32Array; readonly quality: ImageQuality; readonly ink?: InkImage }
  | { readonly error: WorkerError };

export type WorkerRequest =
  /** Load a model, bytes or path; its inputs that `weights` has are taken from there at every run. */
  | { readonly kind: 'open'; readonly session: number; readonly model: Uint8Array | string; readonly weights?: number }
  /** Tell what a model takes and gives. */
  | { readonly kind: 'describe'; readonly session: number }
  /** Weights in shared memory, and a model that prepares them for the sessions, where there is anything to prepare. */
  | {
      readonly kind: 'openWeights';
      readonly weights: number;
      readonly prepare?: Uint8Array | undefined;
      readonly shared: readonly SharedTensor[];
    }
  /** Shared memory has changed: read and prepare it anew. */
  | { readonly kind: 'readWeights'; readonly weights: number }
  | ({ readonly kind: 'run'; readonly session: number } & RunRequest)
  | ({ readonly kind: 'embedFiles'; readonly session: number } & EmbedFilesRequest)
  /** Call the default export of a module. */
  | { readonly kind: 'call'; readonly module: string; readonly input: unknown }
  | { readonly kind: 'close' };

export type WorkerReply = { readonly result: unknown } | { readonly error: WorkerError };
