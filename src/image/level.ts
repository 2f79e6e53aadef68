import type { InkBox } from './ink.js';
import { inkBounds } from './ink-bounds.js';
import type { InkImage } from './types.js';

/** Steeper lines than this, px per px, are levelled by so much and no more: a flourish, or a hand that climbs on purpose. */
const STEEPEST = 0.3;

/**
 * People write up or down a little, and not the same each time. Here columns are moved up and down, so that the line through
 * the ink, least squares with its levels as weights, becomes level:
 *
 *     k = sum of i (x - mean x) (y - mean y) / sum of i (x - mean x)^2,        (x, y) goes to (x, y - k x)
 *
 * Uprights stay upright: a shear, not a turn. Linear between two rows.
 *
 * @param ink - [H, W] uint8, 0 = paper, with ink in the box and none beside it
 */
export function level(ink: InkImage, box: InkBox): { readonly ink: InkImage; readonly box: InkBox } {
  const slope = Math.max(-STEEPEST, Math.min(STEEPEST, slopeOf(ink, box)));
  const width = box.right - box.left;
  const rise = Math.abs(slope) * (width - 1);
  const height = box.bottom - box.top + Math.ceil(rise) + 1;
  const data = new Uint8Array(width * height);
  for (let x = 0; x < width; x++) {
    const down = slope > 0 ? rise - slope * x : -slope * x;
    const whole = Math.floor(down);
    const share = down - whole;
    let above = 0;
    for (let y = box.top; y <= box.bottom; y++) {
      const here = y < box.bottom ? ink.data[y * ink.width + box.left + x]! : 0;
      data[(y - box.top + whole) * width + x] = Math.round(here + share * (above - here));
      above = here;
    }
  }
  const { left, top, right, bottom } = inkBounds({ width, height, data })!;
  return { ink: { width, height, data }, box: { left, top, right: right + 1, bottom: bottom + 1 } };
}

/** Of the line through the ink, px down per px to the right; 0 for ink of one column. */
function slopeOf({ width, data }: InkImage, { left, top, right, bottom }: InkBox): number {
  let [ink, x1, y1, xx, xy] = [0, 0, 0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const level = data[y * width + x]!;
      if (level === 0) continue;
      const [across, down] = [x - left, y - top];
      ink += level;
      x1 += level * across;
      y1 += level * down;
      xx += level * across * across;
      xy += level * across * down;
    }
  }
  const variance = xx - (x1 * x1) / ink;
  return variance < 1e-6 * ink ? 0 : (xy - (x1 * y1) / ink) / variance;
}
