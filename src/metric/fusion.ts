/** From the distances between a questioned signature and k references to one distance. */

export interface FusionRule {
  /**
   * @param distances - [k] from the questioned signature to each reference
   * @param mutual - [k (k - 1) / 2] between the references, in any order
   */
  readonly fuse: (distances: Float64Array, mutual: Float64Array) => number;
  /** Whether the result is on the scale of one distance, so that a threshold for one reference can be held against it. */
  readonly keepsScale: boolean;
}

/** With one reference each of them is the distance itself. */
export const FUSIONS = {
  mean: { fuse: (distances) => mean(distances), keepsScale: true },

  /** The nearest reference decides. */
  min: { fuse: (distances) => Math.min(...distances), keepsScale: true },

  /**
   * Mean distance less half the references' mean distance from each other: a steady hand is held to its own steadiness,
   * and a varied one is forgiven. What one point adds to the energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'|; may be
   * below 0.
   *
   * @see Székely and Rizzo 2013, Energy statistics
   */
  energy: {
    fuse: (distances, mutual) => mean(distances) - (mutual.length === 0 ? 0 : mean(mutual) / 2),
    keepsScale: false,
  },
} as const satisfies Record<string, FusionRule>;

export type Fusion = keyof typeof FUSIONS;

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
