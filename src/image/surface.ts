/** What a picture of a signature says without its shape: its size, its greys, how much ink there is and where. */
import type { GreyImage } from './types.js';

/** Numbers that a scanner, a pen or a pair of scissors decides as much as a hand does. */
export interface SurfaceFacts {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Median grey of what is not ink, 0 = black .. 255 = white. */
  readonly paperGrey: number;
  /** Mean grey of the ink. */
  readonly inkGrey: number;
  /** Pixels of ink. */
  readonly inkPx: number;
  /** 2 x area / outline: the mean width of strokes. */
  readonly strokeWidthPx: number;
  /** Centre of the ink from the left and the top, in px. */
  readonly centreXPx: number;
  readonly centreYPx: number;
  /** Of the smallest upright box around the ink, in px. */
  readonly boxWidthPx: number;
  readonly boxHeightPx: number;
}

export const SURFACE_FACTS: readonly (keyof SurfaceFacts)[] = [
  'widthPx',
  'heightPx',
  'paperGrey',
  'inkGrey',
  'inkPx',
  'strokeWidthPx',
  'centreXPx',
  'centreYPx',
  'boxWidthPx',
  'boxHeightPx',
];

/**
 * Ink is what is darker than Otsu's threshold. Deliberately simple, and apart from our own preprocessing: what it finds
 * anybody's network can find.
 *
 * @see Otsu 1979
 */
export function measureSurface({ width, height, data }: GreyImage): SurfaceFacts {
  const histogram = new Uint32Array(256);
  for (const grey of data) histogram[grey]!++;
  const threshold = otsuThreshold(histogram, data.length);
  const isInk = (i: number) => data[i]! <= threshold;

  let [inkPx, greySum, xSum, ySum, outline] = [0, 0, 0, 0, 0];
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!isInk(i)) continue;
      inkPx++;
      greySum += data[i]!;
      xSum += x;
      ySum += y;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      outline += x === 0 || !isInk(i - 1) ? 1 : 0;
      outline += x === width - 1 || !isInk(i + 1) ? 1 : 0;
      outline += y === 0 || !isInk(i - width) ? 1 : 0;
      outline += y === height - 1 || !isInk(i + width) ? 1 : 0;
    }
  }
  const paper = histogram.map((count, grey) => (grey > threshold ? count : 0));
  return {
    widthPx: width,
    heightPx: height,
    paperGrey: inkPx === data.length ? 255 : medianGrey(paper, data.length - inkPx),
    inkGrey: inkPx === 0 ? 0 : greySum / inkPx,
    inkPx,
    strokeWidthPx: outline === 0 ? 0 : (2 * inkPx) / outline,
    centreXPx: inkPx === 0 ? width / 2 : xSum / inkPx,
    centreYPx: inkPx === 0 ? height / 2 : ySum / inkPx,
    boxWidthPx: Math.max(0, right - left + 1),
    boxHeightPx: Math.max(0, bottom - top + 1),
  };
}

/** The grey that splits the histogram into two classes of the greatest variance between them; -1 for one grey alone. */
function otsuThreshold(histogram: Uint32Array, total: number): number {
  let sum = 0;
  histogram.forEach((count, grey) => {
    sum += count * grey;
  });
  let [best, threshold, below, sumBelow] = [0, -1, 0, 0];
  for (let grey = 0; grey < 255; grey++) {
    below += histogram[grey]!;
    sumBelow += grey * histogram[grey]!;
    if (below === 0 || below === total) continue;
    const difference = sumBelow / below - (sum - sumBelow) / (total - below);
    const variance = below * (total - below) * difference ** 2;
    if (variance > best) [best, threshold] = [variance, grey];
  }
  return threshold;
}

function medianGrey(histogram: Uint32Array, total: number): number {
  let seen = 0;
  return histogram.findIndex((count) => {
    seen += count;
    return 2 * seen >= total;
  });
}
