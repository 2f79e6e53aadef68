/** From the distances between a questioned signature and k references to one distance. */

import type { Fusion } from '../nn/calibration-metadata.js';

export interface FusionRule {
  /**
   * @param distances - [k] from the questioned signature to each reference
   * @param mutual - [k (k - 1) / 2] between the references, in any order
   */
  readonly fuse: (distances: Float64Array, mutual: Float64Array) => number;
  /** Whether the result is on the scale of one distance, so that a threshold for one reference can be held against it. */
  readonly keepsScale: boolean;
}

/** The rule that models are calibrated by: docs/evaluation.md#protocol has the evidence. */
export const CALIBRATED_FUSION: Fusion = 'energy';

/** With one reference each of them is the distance itself. */
export const FUSIONS = {
  mean: { fuse: (distances) => mean(distances), keepsScale: true },

  /** The nearest reference decides. */
  min: { fuse: (distances) => Math.min(...distances), keepsScale: true },

  /**
   * Mean distance less half the references' mean distance from each other: a steady hand is held to its own steadiness,
   * and a varied one is forgiven. What one point adds to the energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'|; not
   * below 0 where distances obey the triangle inequality.
   *
   * @see Székely and Rizzo 2013, Energy statistics
   */
  energy: {
    fuse: (distances, mutual) => mean(distances) - (mutual.length === 0 ? 0 : mean(mutual) / 2),
    keepsScale: false,
  },
} as const satisfies Record<Fusion, FusionRule>;

/** @returns [k (k - 1) / 2] distances between any two of k references */
export function mutualDistances<Reference>(
  references: readonly Reference[],
  distance: (a: Reference, b: Reference) => number,
): Float64Array {
  return Float64Array.from(references.flatMap((a, i) => references.slice(i + 1).map((b) => distance(a, b))));
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
