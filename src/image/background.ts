import type { PreprocessOptions } from './options.js';
import { estimatePaper, type PaperGrid } from './paper.js';
import type { GreyImage } from './types.js';

/**
 * The picture with its paper divided out. Illumination multiplies (a shadow takes the same share of light from paper
 * and from ink), so darkness is a share of the local paper: 1 - grey / paper.
 */
export interface InkRelief {
  /** [H, W] uint8: how much darker than the local paper, 0 = paper, 255 = black. */
  readonly darkness: Uint8Array;
  /** [256] pixels at each darkness. */
  readonly histogram: Uint32Array;
  /** True where the scan was light ink on dark paper, and was inverted. */
  readonly inverted: boolean;
  /** Grey of the brightest paper (after inversion), 0 to 255. */
  readonly paperGrey: number;
  /** Darkness of paper itself: median and standard deviation of its noise, 0 to 255. */
  readonly noiseMedian: number;
  readonly noiseDeviation: number;
}

/**
 * Measures the paper and removes it.
 *
 * @param image - [H, W] uint8, 0 = black, 255 = white
 */
export function removePaper(image: GreyImage, options: PreprocessOptions['background']): InkRelief {
  const paper = estimatePaper(image, options);
  return { ...divideOut(image, paper), inverted: paper.inverted, paperGrey: paper.brightest };
}

/** darkness = 255 (1 - grey / paper), paper interpolated between the centres of cells; noise from its histogram. */
function divideOut(image: GreyImage, { columns, rows, grey, inverted }: PaperGrid) {
  const { width, height, data } = image;
  const inverse = grey.map((level) => 255 / level);
  const columnAt = interpolation(width, columns);
  const rowAt = interpolation(height, rows);
  const cellsBlended = new Float32Array(columns + 1);
  const scales = new Float64Array(width);
  const histogram = new Uint32Array(512); // darkness + 256: paper noise is on both sides of 0
  const darkness = new Uint8Array(width * height);
  const flip = inverted ? 255 : 0;
  for (let y = 0; y < height; y++) {
    const upper = rowAt.cell[y]! * columns;
    const lower = Math.min(rows - 1, rowAt.cell[y]! + 1) * columns;
    const share = rowAt.share[y]!;
    for (let column = 0; column < columns; column++) {
      const value = inverse[upper + column]!;
      cellsBlended[column] = value + share * (inverse[lower + column]! - value);
    }
    for (let x = 0; x < width; x++) {
      const value = cellsBlended[columnAt.cell[x]!]!;
      scales[x] = value + columnAt.share[x]! * (cellsBlended[columnAt.cell[x]! + 1]! - value);
    }
    divideRow(data, y * width, flip, scales, darkness, histogram);
  }
  // Ink lies only on the dark side of paper: the bright side measures the noise. (Half a page of ink is no noise.)
  const paperPx = histogram.subarray(0, 256 + 128).reduce((a, b) => a + b);
  const median = binAt(histogram, 0.5 * paperPx) - 256;
  const bright = binAt(histogram, 0.16 * paperPx) - 256;
  const brighterPx = histogram.subarray(0, 256).reduce((a, b) => a + b);
  const ofDarkness = histogram.slice(256);
  ofDarkness[0]! += brighterPx;
  return { darkness, histogram: ofDarkness, noiseMedian: Math.max(0, median), noiseDeviation: median - bright };
}

/** One row, which begins at `start`: nearly all the time goes here. @param scales - 255 / paper of each pixel */
function divideRow(
  data: Uint8Array,
  start: number,
  flip: number,
  scales: Float64Array,
  darkness: Uint8Array,
  histogram: Uint32Array,
): void {
  for (let x = 0, i = start; x < scales.length; x++, i++) {
    const bin = Math.max(1, (511.5 - (data[i]! ^ flip) * scales[x]!) | 0);
    histogram[bin]!++;
    const dark = bin - 256;
    darkness[i] = dark & ~(dark >> 31); // max(0, dark): paper's noise would make a coin toss of its branch
  }
}

/** For each pixel along an axis: the cell whose centre lies before it, and the share of the next one, 0 to 1. */
function interpolation(pixels: number, cells: number): { cell: Int32Array; share: Float32Array } {
  const cell = new Int32Array(pixels);
  const share = new Float32Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const at = Math.min(cells - 1, Math.max(0, ((pixel + 0.5) * cells) / pixels - 0.5));
    cell[pixel] = Math.floor(at);
    share[pixel] = at - cell[pixel]!;
  }
  return { cell, share };
}

function binAt(histogram: Uint32Array, count: number): number {
  let bin = 0;
  for (let seen = histogram[0]!; seen < count; seen += histogram[bin]!) bin++;
  return bin;
}
