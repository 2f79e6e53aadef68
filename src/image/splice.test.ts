import { describe, expect, it } from 'vitest';
import { splice } from './splice.js';
import type { InkImage } from './types.js';

const [width, height] = [60, 20];

/** Each column of the ink has a level of its own, `from` upwards, at one height. */
function ramp(left: number, columns: number, row: number, from: number): InkImage {
  const data = new Uint8Array(width * height);
  for (let i = 0; i < columns; i++) data[row * width + left + i] = from + i;
  return { width, height, data };
}

const row = ({ data }: InkImage, y: number) => [...data.subarray(y * width, (y + 1) * width)];
const inkOf = (image: InkImage, y: number) => row(image, y).filter((level) => level > 0);

describe('a signature that goes on as another', () => {
  it('is the left of one beside the right of the other, pixel by pixel, each at its own height', () => {
    const spliced = splice(ramp(5, 40, 3, 1), ramp(20, 20, 9, 101), 0.25);
    expect(inkOf(spliced, 3)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(inkOf(spliced, 9)).toEqual(Array.from({ length: 15 }, (_, i) => 106 + i));
    expect(row(spliced, 3).indexOf(10) + 1).toBe(row(spliced, 9).indexOf(106)); // no gap, nothing over the other
    expect(row(spliced, 3).indexOf(1)).toBe(Math.floor((width - 25) / 2)); // in the middle
  });

  it('fits on the canvas whatever the share, also where both reach from edge to edge', () => {
    for (const share of [0, 0.3, 0.325, 0.5, 0.505, 0.7, 1]) {
      const spliced = splice(ramp(0, 60, 3, 1), ramp(0, 60, 9, 101), share);
      expect(inkOf(spliced, 3).length + inkOf(spliced, 9).length, `${share}`).toBe(60);
    }
  });

  it('stays as it is where the other is blank', () => {
    const [written, blank] = [ramp(5, 40, 3, 1), ramp(0, 0, 0, 1)];
    expect(splice(written, blank, 0.5)).toEqual(written);
    expect(splice(blank, written, 0.5)).toEqual(blank);
  });
});
