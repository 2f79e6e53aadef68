import type { PreprocessOptions } from './options.js';
import type { GreyImage } from './types.js';

/** The paper's own grey on a grid of cells that divides the picture evenly. */
export interface PaperGrid {
  readonly columns: number;
  readonly rows: number;
  /** [rows, columns] grey of the paper, 1 to 255; of the inverted picture where `inverted`. */
  readonly grey: Float32Array;
  /** Grey of the brightest paper (90th percentile of the cells). */
  readonly brightest: number;
  /** True where the ink is lighter than its paper. */
  readonly inverted: boolean;
}

/** A block of this many cells squared is wide enough to hold strokes and the paper between them. */
const BLOCK_CELLS = 5;
/** A question about the whole picture is answered from about this many of its rows. */
const ROWS_SAMPLED = 320;

/**
 * Estimates the paper under the ink. Each small cell gives the mean of its brighter half; a closing over neighbouring
 * cells fills in where ink covers a cell; a shadow, being wider than any stroke, stays, and so do slopes of light.
 *
 * @param image - [H, W] uint8, 0 = black, 255 = white
 */
export function estimatePaper(image: GreyImage, options: PreprocessOptions['background']): PaperGrid {
  const cellPx = Math.max(options.minCellPx, Math.max(image.width, image.height) / options.cellsAcross);
  const columns = Math.max(1, Math.round(image.width / cellPx));
  const rows = Math.max(1, Math.round(image.height / cellPx));
  const inverted = isInverted(image, Math.ceil(columns / BLOCK_CELLS), Math.ceil(rows / BLOCK_CELLS));
  const cells = brighterHalfMeans(image, columns, rows, inverted ? 255 : 0);
  const brightest = quantile(cells, 0.9);
  // Darker than the deepest shadow is no paper at all: a stroke wider than the closing can bridge, or a block.
  const floor = Math.max(1, options.deepestShadow * brightest);
  for (let cell = 0; cell < cells.length; cell++) if (cells[cell]! < floor) cells[cell] = floor;
  const dilated = slide(cells, columns, rows, options.bridgeCells, maximumOf);
  const closed = slide(dilated, columns, rows, options.bridgeCells, minimumOf);
  return { columns, rows, grey: slide(closed, columns, rows, 1, meanOf), brightest, inverted };
}

/**
 * Ink is the rarer class within any block, so dark ink skews grey downwards and light ink upwards. (The share of dark
 * pixels in the whole picture would take a page half in shadow for an inverted one.)
 */
function isInverted(image: GreyImage, columns: number, rows: number): boolean {
  const { width, height, data } = image;
  const rowStep = Math.max(1, Math.floor(height / ROWS_SAMPLED));
  const tops = divide(height, rows);
  const lefts = divide(width, columns);
  let [sum, total] = [0, 0];
  for (let row = 0; row < rows; row++) {
    for (let y = tops[row]!; y < tops[row + 1]!; y += rowStep) {
      for (let i = y * width, end = i + width; i < end; i++) sum += data[i]!;
      total += width;
    }
  }
  if (sum / total >= 128) return false; // a bright picture, as nearly all are: its skew need not be known
  let skew = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [left, right] = [lefts[column]!, lefts[column + 1]!];
      let [count, s1, s2, s3] = [0, 0, 0, 0];
      for (let y = tops[row]!; y < tops[row + 1]!; y += rowStep) {
        count += right - left;
        for (let i = y * width + left, end = y * width + right; i < end; i++) {
          const grey = data[i]!;
          const square = grey * grey;
          s1 += grey;
          s2 += square;
          s3 += square * grey;
        }
      }
      const mean = s1 / count;
      skew += s3 - 3 * mean * s2 + 3 * mean * mean * s1 - count * mean ** 3; // sum of (grey - mean)^3
    }
  }
  return skew > 0;
}

/** Mean of the pixels at or above the cell's own mean. `flip` is 255 for an inverted picture, else 0. */
function brighterHalfMeans(image: GreyImage, columns: number, rows: number, flip: number): Float32Array {
  const { width, height, data } = image;
  const means = new Float32Array(columns * rows);
  const rowStep = height / rows >= 8 ? 2 : 1; // a large cell has pixels enough in every second row
  const tops = divide(height, rows);
  const lefts = divide(width, columns);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [tops[row]!, tops[row + 1]!];
    for (let column = 0; column < columns; column++) {
      const [left, right] = [lefts[column]!, lefts[column + 1]!];
      let [sum, seen] = [0, 0];
      for (let y = top; y < bottom; y += rowStep) {
        seen += right - left;
        for (let i = y * width + left, end = y * width + right; i < end; i++) sum += data[i]! ^ flip;
      }
      const mean = Math.floor(sum / seen);
      let [brighter, count] = [0, 0];
      for (let y = top; y < bottom; y += rowStep) {
        for (let i = y * width + left, end = y * width + right; i < end; i++) {
          const grey = data[i]! ^ flip;
          const isBrighter = ~((grey - mean) >> 31); // all bits or none: half of all branches would be foreseen wrongly
          brighter += grey & isBrighter;
          count -= isBrighter;
        }
      }
      means[row * columns + column] = brighter / count;
    }
  }
  return means;
}

/** [parts + 1]: where each of `parts` nearly equal parts of an axis begins, and where the last one ends. */
function divide(pixels: number, parts: number): Int32Array {
  return Int32Array.from({ length: parts + 1 }, (_, part) => Math.floor((part * pixels) / parts));
}

type Join = (values: Float32Array, from: number, to: number, step: number) => number;

/** `join` over the square window of `radius` cells around each cell, cut at the edges: along rows, then columns. */
function slide(values: Float32Array, columns: number, rows: number, radius: number, join: Join): Float32Array {
  const joined = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let x = 0; x < columns; x++) {
      const last = Math.min(columns - 1, x + radius);
      joined[start + x] = join(values, start + Math.max(0, x - radius), start + last, 1);
    }
  }
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const first = Math.max(0, row - radius) * columns;
    const last = Math.min(rows - 1, row + radius) * columns;
    for (let x = 0; x < columns; x++) out[row * columns + x] = join(joined, first + x, last + x, columns);
  }
  return out;
}

function maximumOf(values: Float32Array, from: number, to: number, step: number): number {
  let extreme = values[from]!;
  for (let i = from + step; i <= to; i += step) if (values[i]! > extreme) extreme = values[i]!;
  return extreme;
}

function minimumOf(values: Float32Array, from: number, to: number, step: number): number {
  let extreme = values[from]!;
  for (let i = from + step; i <= to; i += step) if (values[i]! < extreme) extreme = values[i]!;
  return extreme;
}

function meanOf(values: Float32Array, from: number, to: number, step: number): number {
  let sum = 0;
  for (let i = from; i <= to; i += step) sum += values[i]!;
  return sum / ((to - from) / step + 1);
}

function quantile(values: Float32Array, q: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
