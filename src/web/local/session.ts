/** The one file that knows onnxruntime-web: WebAssembly on one thread, which needs no isolation of the page. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import type { TensorData } from '../../runtime/session.js';

export interface BrowserSession {
  /** @param images - [N, 1, H, W]; @returns [N, D] */
  embed(images: TensorData): Promise<TensorData>;
}

/**
 * A session blocks its thread while it runs: use it inside a worker.
 *
 * @param model - bytes of an .onnx file, `image` -> `embedding`
 * @param runtime - bytes of the runtime's .wasm file; a second session runs on that of the first
 */
export async function openBrowserSession(model: Uint8Array, runtime: ArrayBuffer): Promise<BrowserSession> {
  env.wasm.numThreads = 1;
  env.wasm.wasmBinary = runtime;
  const session = await InferenceSession.create(model, { executionProviders: ['wasm'], logSeverityLevel: 3 });
  return {
    async embed({ data, shape }) {
      const { embedding } = await session.run({ image: new Tensor('float32', data, shape) });
      return { data: embedding!.data as Float32Array, shape: embedding!.dims };
    },
  };
}
