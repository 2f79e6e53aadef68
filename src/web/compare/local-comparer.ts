/** The comparison in this browser, loaded when it is first asked for. */
import { evidenceFor } from '../../evaluate/operating-points.js';
import { pairsOfEvidence } from '../evidence/scale.js';
import { LOCAL_MODEL_URL, LOCAL_RUNTIME_URL } from '../local/assets.js';
import { openLocalEngine } from '../local/engine.js';
import type { Comparer } from './comparer.js';

/** @param onProgress - hears the share of the download that is here, 0 .. 1 */
export async function openLocalComparer(
  onProgress: (share: number) => void,
): Promise<{ readonly comparer: Comparer; readonly close: () => void }> {
  const engine = await openLocalEngine({ modelUrl: LOCAL_MODEL_URL, wasmUrl: LOCAL_RUNTIME_URL, onProgress });
  const comparer: Comparer = {
    compare: engine.compare,
    clean: engine.clean,
    pairsFor: async (_, referenceCount) => pairsOfEvidence(evidenceFor(engine.model, referenceCount).evidence),
  };
  return { comparer, close: engine.close };
}
