/** Where the built page finds the model and the runtime for `openLocalEngine`: its own server, never another. */
import RUNTIME_URL from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

/** The one that the server runs on as well. */
export const LOCAL_MODEL_URL = new URL('../../../models/countersign.onnx', import.meta.url).href;

export { RUNTIME_URL as LOCAL_RUNTIME_URL };
