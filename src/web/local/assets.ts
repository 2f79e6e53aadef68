/** Where the built page finds the model and the runtime for `openLocalEngine`: its own server, never another. */
import RUNTIME_URL from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

/** 8-bit integers, see models/README.md. */
export const LOCAL_MODEL_URL = new URL('../../../models/countersign-small.onnx', import.meta.url).href;

export { RUNTIME_URL as LOCAL_RUNTIME_URL };
