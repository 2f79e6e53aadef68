/** The comparison in this browser, loaded when it is first asked for. */
import { LOCAL_MODEL_URL, LOCAL_RUNTIME_URL } from '../local/assets.js';
import { openLocalEngine } from '../local/engine.js';
import type { Comparer } from './comparer.js';

/** @param onProgress - hears the share of the download that is here, 0 .. 1 */
export async function openLocalComparer(
  onProgress: (share: number) => void,
): Promise<{ readonly comparer: Comparer; readonly close: () => void }> {
  const engine = await openLocalEngine({ modelUrl: LOCAL_MODEL_URL, wasmUrl: LOCAL_RUNTIME_URL, onProgress });
  return { comparer: engine, close: engine.close };
}
