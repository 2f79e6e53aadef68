/** The one file that knows onnxruntime-node. A session blocks its thread while it runs: use it inside a worker. */
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

/** Version of ONNX Runtime. */
export const RUNTIME_VERSION = env.versions.node ?? env.versions.common;

/** float32 values, row-major. */
export interface TensorData {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface Session {
  /** @returns the named outputs, or all of them */
  run(feeds: Readonly<Record<string, TensorData>>, outputs?: readonly string[]): Promise<Record<string, TensorData>>;
  close(): Promise<void>;
}

/**
 * Loads a model on one thread that does not spin (two intra-op threads collapse when anything else uses a core).
 *
 * @param model - bytes of an .onnx file
 */
export async function openSession(model: Uint8Array): Promise<Session> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return {
    async run(feeds, outputs = session.outputNames) {
      const inputs = Object.fromEntries(
        Object.entries(feeds).map(([name, { data, shape }]) => [name, new OrtTensor('float32', data, shape)]),
      );
      const results = await session.run(inputs, [...outputs]);
      return Object.fromEntries(
        outputs.map((name) => [name, { data: results[name]!.data as Float32Array, shape: results[name]!.dims }]),
      );
    },
    close: () => session.release(),
  };
}
