/** Two signatures, one laid over the other, and where their strokes differ. Pure: what the page draws of it is in draw.ts. */
import type { InkImage } from '../../image/types.js';
import { alignStrokes } from './align.js';
import { inverseOf, matrixOf, type Placement } from './placement.js';
import { distanceAt, type Strokes, strokesOf } from './strokes.js';

export interface Overlay {
  readonly reference: LaidOver;
  readonly questioned: LaidOver;
  /** Where pixels of the questioned picture lie in the reference's. */
  readonly placement: Placement;
  /** Strokes farther than this from the other's count as differing, in px of the reference. */
  readonly tolerancePx: number;
}

export interface LaidOver {
  readonly ink: InkImage;
  /** [H, W] of its ink: px of the reference to the nearest stroke of the other; 0 on paper. */
  readonly apartPx: Float32Array;
  /** Share of its strokes that lie farther than the tolerance from any of the other's, 0 .. 1. */
  readonly differing: number;
}

/** As a share of the reference's longer side: about the width of a stroke. */
const TOLERANCE = 0.015;

/**
 * @param reference, questioned - as the network sees them, or finer
 * @example
 * const overlay = layOver(ink, forgery);
 * overlay.questioned.differing; // 0.41: two fifths of its strokes have no stroke of the reference near
 */
export function layOver(reference: InkImage, questioned: InkImage): Overlay {
  const [own, other] = [strokesOf(reference), strokesOf(questioned)];
  const placement = alignStrokes(own, other);
  const tolerancePx = TOLERANCE * Math.max(reference.width, reference.height);
  return {
    reference: laidOver(reference, own, other, inverseOf(placement), placement.scale, tolerancePx),
    questioned: laidOver(questioned, other, own, placement, 1, tolerancePx),
    placement,
    tolerancePx,
  };
}

/** @param otherPx - px of the reference per px of the other */
function laidOver(
  ink: InkImage,
  own: Strokes,
  other: Strokes,
  placement: Placement,
  otherPx: number,
  tolerancePx: number,
): LaidOver {
  const { width, height, data } = ink;
  const { a, b, c, d, e, f } = matrixOf(placement);
  const apartPx = new Float32Array(data.length);
  let differing = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (data[i] === 0) continue;
      apartPx[i] = otherPx * distanceAt(other, a * x + c * y + e, b * x + d * y + f);
      if (own.distances[i] === 0 && apartPx[i]! > tolerancePx) differing++;
    }
  }
  return { ink, apartPx, differing: own.pixels.length === 0 ? 0 : differing / own.pixels.length };
}
