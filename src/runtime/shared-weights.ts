/** Weights in memory that all threads see, one tensor behind the other. */
import { setImmediate } from 'node:timers/promises';
import { elementCount } from '../nn/graph.js';
import type { Weights, WeightTensor } from '../nn/weights.js';
import type { SharedTensor } from './messages.js';

export interface SharedWeights {
  /** All of them. */
  readonly flat: Float32Array;
  /** The same memory by name. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /** And as workers are told of it. */
  readonly slices: readonly SharedTensor[];
}

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Zeros, in the order and of the shapes given. */
function sharedTensors(layout: readonly Named[]): SharedWeights {
  const flat = sharedFloats(layout.reduce((sum, { shape }) => sum + elementCount(shape), 0));
  const tensors = new Map<string, WeightTensor>();
  const slices: SharedTensor[] = [];
  let start = 0;
  for (const { name, shape } of layout) {
    const data = flat.subarray(start, start + elementCount(shape));
    tensors.set(name, { shape, data });
    slices.push({ name, shape, buffer: flat.buffer as SharedArrayBuffer, offset: data.byteOffset });
    start += data.length;
  }
  return { flat, tensors, slices };
}

/** A copy of weights, in the order given; made piece by piece, since memory is slow when it is new. */
export async function sharedCopy(layout: readonly Named[], weights: Weights): Promise<SharedWeights> {
  const copy = sharedTensors(layout);
  for (const [name, { data }] of copy.tensors) {
    const source = weights.get(name)!.data;
    for (let start = 0; start < data.length; start += PIECE) {
      data.set(source.subarray(start, start + PIECE), start);
      await setImmediate();
    }
  }
  return copy;
}

/** Numbers copied before others get their turn. */
const PIECE = 2 ** 17;

/** Zeros that all threads see. */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}
