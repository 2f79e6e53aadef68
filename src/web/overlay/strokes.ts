/** What of a picture is stroke, and how far everything else is from it. */
import type { InkImage } from '../../image/types.js';
import { distanceToStrokes } from './distance-transform.js';

/** Ink at least this dark, 0 .. 255, is part of a stroke. */
const STROKE_LEVEL = 64;

export interface Strokes {
  readonly width: number;
  readonly height: number;
  /** Index of every stroke pixel, ascending. */
  readonly pixels: Int32Array;
  /** [H, W] px to the nearest of them. */
  readonly distances: Float32Array;
}

export function strokesOf({ width, height, data }: InkImage): Strokes {
  const pixels = new Int32Array(data.length);
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i]! >= STROKE_LEVEL) pixels[count++] = i;
  const distances = distanceToStrokes(width, height, (i) => data[i]! >= STROKE_LEVEL);
  return { width, height, pixels: pixels.slice(0, count), distances };
}

/** px from a place, which may lie outside the picture, to the nearest stroke. */
export function distanceAt({ width, height, distances }: Strokes, x: number, y: number): number {
  const insideX = Math.min(width - 1, Math.max(0, x));
  const insideY = Math.min(height - 1, Math.max(0, y));
  const outside = Math.abs(x - insideX) + Math.abs(y - insideY);
  return distances[((insideY + 0.5) | 0) * width + ((insideX + 0.5) | 0)]! + outside;
}
