import type { InkImage } from './types.js';

/** Below this is paper: a rim that rounding leaves. */
const PAPER_BELOW = 16;
/** Level of the faintest ink pixel: high enough that a second pass takes it for ink again. */
const FAINTEST = 40;
/** Neighbouring levels are pulled apart by at most this factor: the flat core of a thick stroke is no pattern. */
const STEEPEST = 2;

/**
 * Gives the ink of every canvas nearly the same distribution of levels: an ink pixel's level becomes its rank among the
 * ink pixels of its image (histogram equalisation, contrast-limited). Scanners and pens differ in how dark, how
 * contrasted and how soft their strokes are, and a reduction fades thin ones; mean and spread of the ink would tell
 * scans apart (on CEDAR, genuine from forged) without a look at the signature. The order of pressure within the stroke
 * stays, paper stays 0, the darkest ink is full ink.
 *
 * @param canvas - [H, W] uint8, 0 = paper, 255 = full ink
 * @returns [H, W] uint8, ink over 40 .. 255
 * @see S. Pizer et al. 1987, adaptive histogram equalization, section 3 (clipping)
 */
export function settleLevels(canvas: InkImage): InkImage {
  const { width, height, data } = canvas;
  const histogram = new Uint32Array(256);
  for (let i = 0; i < data.length; i++) histogram[data[i]!]!++;
  histogram.fill(0, 0, PAPER_BELOW);
  const inkPx = histogram.reduce((a, b) => a + b, 0);
  const most = (STEEPEST * inkPx) / (256 - PAPER_BELOW);
  const clipped = Float64Array.from(histogram, (count) => Math.min(count, most));
  const total = Math.max(
    1,
    clipped.reduce((a, b) => a + b, 0),
  );

  const table = new Uint8Array(256);
  let seen = 0;
  for (let level = PAPER_BELOW; level < 256; level++) {
    seen += clipped[level]!;
    table[level] = Math.round(FAINTEST + ((255 - FAINTEST) * seen) / total);
  }
  const settled = new Uint8Array(data.length);
  for (let i = 0; i < settled.length; i++) settled[i] = table[data[i]!]!;
  return { width, height, data: settled };
}
