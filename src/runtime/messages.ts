/** What the pool and its workers say to each other. */
import type { TensorData } from './session.js';

/** A slice of shared memory that holds one float32 tensor. */
export interface SharedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly buffer: SharedArrayBuffer;
  /** In bytes. */
  readonly offset: number;
}

export type WorkerRequest =
  /** Load a model; `shared` inputs are read from shared memory at every run. */
  | {
      readonly kind: 'open';
      readonly session: number;
      readonly model: Uint8Array;
      readonly shared: readonly SharedTensor[];
    }
  /** Run it; outputs named in `addTo` are added to shared memory instead of being sent back. */
  | {
      readonly kind: 'run';
      readonly session: number;
      readonly feeds: Readonly<Record<string, TensorData>>;
      readonly outputs: readonly string[];
      readonly addTo: readonly SharedTensor[];
    }
  | { readonly kind: 'close' };

export type WorkerReply = { readonly outputs: Record<string, TensorData> } | { readonly error: string };
