import type { InkBox } from './ink.js';
import type { PreprocessOptions } from './options.js';
import type { GreyImage, InkImage } from './types.js';

/**
 * Cuts the box out and fits it on the canvas: aspect kept, centred, `marginPx` of paper on every side. A reduction
 * averages areas, so every bit of ink counts; a tiny box is enlarged by at most `maxEnlargement`.
 *
 * @param ink - [H, W] uint8, 0 = paper, 255 = full ink
 * @returns [canvas.height, canvas.width] uint8
 */
export function fitOnCanvas(ink: InkImage, box: InkBox, options: PreprocessOptions): InkImage {
  const { width, height } = options.canvas;
  const boxWidth = box.right - box.left;
  const boxHeight = box.bottom - box.top;
  const roomWidth = Math.max(1, width - 2 * options.marginPx);
  const roomHeight = Math.max(1, height - 2 * options.marginPx);
  const scale = Math.min(roomWidth / boxWidth, roomHeight / boxHeight, options.maxEnlargement);
  const fittedWidth = Math.min(roomWidth, Math.max(1, Math.round(boxWidth * scale)));
  const fittedHeight = Math.min(roomHeight, Math.max(1, Math.round(boxHeight * scale)));
  const fitted = resample(ink, box, fittedWidth, fittedHeight);
  const left = (width - fittedWidth) >> 1;
  const top = (height - fittedHeight) >> 1;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < fittedHeight; y++) {
    data.set(fitted.data.subarray(y * fittedWidth, (y + 1) * fittedWidth), (top + y) * width + left);
  }
  return { width, height, data };
}

/**
 * Resamples a box of an image to `width` x `height`: mean over the area each output pixel covers where it reduces,
 * linear interpolation where it enlarges, a copy where the size is the same. Separable, rows first.
 *
 * @param image - [H, W] uint8
 * @returns [height, width] uint8
 */
export function resample(image: GreyImage, box: InkBox, width: number, height: number): GreyImage {
  const columns = resamplingTaps(box.left, box.right, width);
  const rows = resamplingTaps(box.top, box.bottom, height);
  const source = image.data;
  const data = new Uint8Array(width * height);
  const column = new Float32Array(box.right); // one row of sums over the rows an output row covers
  for (let y = 0; y < height; y++) {
    const firstRow = rows.first[y]!;
    column.fill(0);
    for (let tap = 0; tap < rows.perOutput; tap++) {
      const weight = rows.weights[y * rows.perOutput + tap]!;
      if (weight === 0) continue;
      const start = (firstRow + tap) * image.width;
      for (let x = box.left; x < box.right; x++) column[x]! += weight * source[start + x]!;
    }
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const firstColumn = columns.first[x]!;
      const weightsAt = x * columns.perOutput;
      let sum = 0.5;
      for (let tap = 0; tap < columns.perOutput; tap++) {
        const weight = columns.weights[weightsAt + tap]!;
        if (weight !== 0) sum += weight * column[firstColumn + tap]!;
      }
      data[i] = sum;
    }
  }
  return { width, height, data };
}

interface Taps {
  readonly perOutput: number;
  /** [outputs]: index of the first input pixel. */
  readonly first: Int32Array;
  /** [outputs, perOutput], each row sums to 1. */
  readonly weights: Float32Array;
}

/** Weights along one axis from inputs start .. end (exclusive) to `outputs` pixels. */
function resamplingTaps(start: number, end: number, outputs: number): Taps {
  const step = (end - start) / outputs; // input px per output px
  const perOutput = step >= 1 ? Math.ceil(step) + 1 : 2;
  const first = new Int32Array(outputs);
  const weights = new Float32Array(outputs * perOutput);
  for (let output = 0; output < outputs; output++) {
    if (step >= 1) {
      const from = start + output * step;
      const to = Math.min(end, from + step);
      first[output] = Math.floor(from + 1e-9);
      for (let tap = 0; tap < perOutput; tap++) {
        const pixel = first[output]! + tap;
        const covered = Math.min(to, pixel + 1) - Math.max(from, pixel);
        weights[output * perOutput + tap] = covered > 1e-9 ? covered / (to - from) : 0;
      }
    } else {
      const centre = start + (output + 0.5) * step - 0.5;
      const clamped = Math.min(end - 1, Math.max(start, centre));
      first[output] = Math.floor(clamped);
      const share = clamped - first[output]!;
      weights[output * perOutput] = 1 - share;
      weights[output * perOutput + 1] = share;
    }
  }
  return { perOutput, first, weights };
}

/** The level at (x, y), between the four pixels whose upper left one is (left, top). */
export function bilinear(data: Uint8Array, width: number, x: number, y: number, left: number, top: number): number {
  const at = top * width + left;
  const p00 = data[at]!;
  const p01 = data[at + 1]!;
  const p10 = data[at + width]!;
  const p11 = data[at + width + 1]!;
  if ((p00 | p01 | p10 | p11) === 0) return 0;
  const upper = p00 + (x - left) * (p01 - p00);
  const lower = p10 + (x - left) * (p11 - p10);
  return upper + (y - top) * (lower - upper);
}
