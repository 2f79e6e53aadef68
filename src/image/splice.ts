import { inkBounds } from './ink-bounds.js';
import type { InkImage } from './types.js';

/**
 * One signature that goes on as another: the left of one beside the right of the other. Pixels are moved by whole px, so
 * that nothing is blurred; parts keep their height and place up and down.
 *
 * @param left - [H, W] uint8, 0 = paper, 255 = full ink
 * @param right - of the same canvas
 * @param share - of the ink's width that is the left one's, 0 .. 1
 * @returns [H, W] uint8, the ink in the middle of the canvas; `left` where one of the two is blank
 * @see Yun et al. 2019, CutMix, whose parts are of two classes; here all of a writer go on as all of another, a class of its own
 */
export function splice(left: InkImage, right: InkImage, share: number): InkImage {
  const [a, b] = [inkBounds(left), inkBounds(right)];
  if (a === undefined || b === undefined) return left;
  const { width, height } = left;
  const shareOf = (box: typeof a) => Math.round(share * (box.right - box.left + 1));
  const ownWidth = shareOf(a);
  const otherWidth = b.right - b.left + 1 - shareOf(b); // so that the two are never wider than the wider one was
  const start = (width - ownWidth - otherWidth) >> 1;
  const data = new Uint8Array(left.data.length);
  for (let row = 0; row < height * width; row += width) {
    data.set(left.data.subarray(row + a.left, row + a.left + ownWidth), row + start);
    data.set(right.data.subarray(row + b.right + 1 - otherWidth, row + b.right + 1), row + start + ownWidth);
  }
  return { width, height, data };
}
