/** Who each row of a batch belongs to. */
export interface BatchLabels {
  /** [N] number of the identity whose signature the row shows or imitates. */
  readonly identity: Int32Array;
  /** [N] 1 for a skilled forgery, 0 for a genuine signature. */
  readonly forged: Uint8Array;
}

/** Rows i and j are genuine signatures of one identity. */
export function isPositivePair({ identity, forged }: BatchLabels, i: number, j: number): boolean {
  return i !== j && identity[i] === identity[j] && forged[i] === 0 && forged[j] === 0;
}

/**
 * Row j is no signature of genuine row i's identity: a skilled forgery of it, or another identity's genuine signature.
 * Forgeries of other identities teach nothing and are left out.
 */
export function isNegativePair({ identity, forged }: BatchLabels, i: number, j: number): boolean {
  if (forged[i] === 1) return false;
  return identity[i] === identity[j] ? forged[j] === 1 : forged[j] === 0;
}
