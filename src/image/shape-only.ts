/**
 * A signature by its shape alone: the ink thinned to a line, and that line drawn again by one round pen. Width of the
 * pen, pressure and the edges of strokes are gone; what is left is where the pen went.
 */
import type { InkBox } from './ink.js';
import type { PreprocessOptions } from './options.js';
import { thin } from './thin.js';
import type { InkImage } from './types.js';

/** Diameter of the pen on the canvas, in px: the median stroke of BHSig260-Hindi's development writers. */
const PEN_PX = 2;
/** Ink at least this dark, 0 .. 255, is part of a stroke: faint ones stay joined, soft edges do not fill a loop. */
const INK_LEVEL = 64;
/** To the neighbours that follow in reading order. */
const ONWARD = [
  [1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
] as const;

/**
 * @param ink - [H, W] uint8, 0 = paper, 255 = full ink
 * @param box - around the ink
 * @returns [canvas.height, canvas.width] uint8, 255 = full ink: cropped to the line, aspect kept, centred, `marginPx` of
 *   paper on every side, enlarged by at most `maxEnlargement`
 */
export function drawShape(
  ink: InkImage,
  box: InkBox,
  { canvas, marginPx, maxEnlargement }: PreprocessOptions,
): InkImage {
  const line = thin(ink, box, INK_LEVEL);
  const { left, top, right, bottom } = boundsOf(line);
  const room = (side: number) => Math.max(1, side - 2 * marginPx - PEN_PX);
  const scale = Math.min(
    room(canvas.width) / Math.max(1, right - left),
    room(canvas.height) / Math.max(1, bottom - top),
    maxEnlargement,
  );
  const data = new Uint8Array(canvas.width * canvas.height);
  const draw = (x: number, y: number) =>
    stamp(
      data,
      canvas,
      canvas.width / 2 + (x - (left + right) / 2) * scale,
      canvas.height / 2 + (y - (top + bottom) / 2) * scale,
    );
  const steps = Math.ceil(scale); // more than one where the line is enlarged, so that it has no gaps
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      if (line.data[y * line.width + x] === 0) continue;
      draw(x, y);
      for (const [dx, dy] of ONWARD) {
        if (steps === 1 || line.data[(y + dy) * line.width + x + dx] === 0) continue;
        for (let step = 1; step < steps; step++) draw(x + (step / steps) * dx, y + (step / steps) * dy);
      }
    }
  }
  return { ...canvas, data };
}

/** Presses the pen down at a place in px: full ink within it, at its rim by how far it reaches over the pixel. */
function stamp(data: Uint8Array, { width, height }: PreprocessOptions['canvas'], x: number, y: number): void {
  const reach = PEN_PX / 2 + 0.5;
  const lastRow = Math.min(height - 1, Math.floor(y - 0.5 + reach));
  const lastColumn = Math.min(width - 1, Math.floor(x - 0.5 + reach));
  for (let row = Math.max(0, Math.ceil(y - 0.5 - reach)); row <= lastRow; row++) {
    for (let column = Math.max(0, Math.ceil(x - 0.5 - reach)); column <= lastColumn; column++) {
      const [dx, dy] = [column + 0.5 - x, row + 0.5 - y];
      const level = Math.round(255 * Math.min(1, reach - Math.sqrt(dx * dx + dy * dy)));
      const i = row * width + column;
      if (level > data[i]!) data[i] = level;
    }
  }
}

/** Around what is not 0; right and bottom are inclusive. */
function boundsOf({ width, height, data }: InkImage): InkBox {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (data[i] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return { left, top, right, bottom };
}
