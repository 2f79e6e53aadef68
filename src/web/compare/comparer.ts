/** Who compares: the service, or this browser by itself. */
import type { VerificationResult } from '../../verify/result.js';
import type { PairsSource } from '../evidence/pairs-source.js';
import type { Cleaner } from '../signature/cleaned.js';

export interface Comparer extends Cleaner, PairsSource {
  /** @throws an error with `code` and `hint` for images that cannot be read; a `DOMException` AbortError */
  compare(references: readonly Blob[], questioned: Blob, signal: AbortSignal): Promise<VerificationResult>;
}
