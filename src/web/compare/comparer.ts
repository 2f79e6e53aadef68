/** Who compares: the service, or this browser by itself. */
import type { VerificationResult } from '../../verify/result.js';

export interface Comparer {
  /** @throws an error with `code` and `hint` for images that cannot be read; a `DOMException` AbortError */
  compare(references: readonly Blob[], questioned: Blob, signal: AbortSignal): Promise<VerificationResult>;
  /** The signature as the network sees it: a picture, dark ink on white. @throws as `compare` */
  clean(picture: Blob, signal: AbortSignal): Promise<Blob>;
}
