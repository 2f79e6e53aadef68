/** The one file that knows onnxruntime-node. A session blocks its thread while it runs: use it inside a worker. */

import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { CountersignError } from '../core/errors.js';

/** Version of ONNX Runtime. */
export const RUNTIME_VERSION = env.versions.node ?? env.versions.common;

/** float32 values, row-major. */
export interface TensorData {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export type Tensors = Readonly<Record<string, TensorData>>;

/** What a model says of one of its inputs or outputs. */
export interface Port {
  readonly name: string;
  /** `float32`, `float16`, ...; `no tensor` for a sequence or a map. */
  readonly type: string;
  /** A size that is not fixed is null; no sizes at all where the model does not say. */
  readonly shape: readonly (number | null)[];
}

export interface Ports {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

export interface Session extends Ports {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** @returns the named outputs, or all of them, in new memory */
  run(feeds: Tensors, outputs?: readonly string[]): Promise<Record<string, TensorData>>;
  /** Writes the outputs into memory that the caller made: nothing is allocated, nothing copied. */
  runInto(feeds: Tensors, outputs: Tensors): Promise<void>;
  close(): Promise<void>;
}

/** Where a model runs: on one thread of the processor, or on a graphics processor through WebGPU (Vulkan, Metal, Direct3D). */
export type Device = 'cpu' | 'webgpu';

/**
 * Loads a model. On the processor: on one thread that does not spin (two intra-op threads collapse when anything else uses a core).
 *
 * @throws CountersignError DEVICE_UNAVAILABLE
 * @param model - bytes or path of an .onnx file
 * @param exactIntegers - see integer-products.ts
 */
export async function openSession(
  model: Uint8Array | string,
  { exactIntegers = false, device = 'cpu' }: { readonly exactIntegers?: boolean; readonly device?: Device } = {},
): Promise<Session> {
  const created = InferenceSession.create(model as string, {
    executionProviders: [device],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableMemPattern: false, // it holds a second copy of all a run needs, and saves no time
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(exactIntegers && { extra: { session: { x64quantprecision: '1' } } }),
  });
  const session = await created.catch((cause: Error) => {
    if (device === 'cpu' || !/adapter/i.test(cause.message)) throw cause;
    throw new CountersignError('DEVICE_UNAVAILABLE', 'The runtime finds no graphics card to run on.', { cause });
  });
  const wrap = (tensors: Tensors) =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { data, shape }]) => [name, new OrtTensor('float32', data, shape)]),
    );
  return {
    inputs: session.inputMetadata.map(portOf),
    outputs: session.outputMetadata.map(portOf),
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds, outputs = session.outputNames) {
      const results = await session.run(wrap(feeds), [...outputs]);
      return Object.fromEntries(
        outputs.map((name) => [name, { data: results[name]!.data as Float32Array, shape: results[name]!.dims }]),
      );
    },
    async runInto(feeds, outputs) {
      await session.run(wrap(feeds), wrap(outputs));
    },
    close: () => session.release(),
  };
}

function portOf(value: InferenceSession.ValueMetadata): Port {
  if (!value.isTensor) return { name: value.name, type: 'no tensor', shape: [] };
  const shape = value.shape.map((size) => (typeof size === 'number' && size > 0 ? size : null));
  return { name: value.name, type: value.type, shape };
}
