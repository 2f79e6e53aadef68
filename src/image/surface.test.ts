import { describe, expect, it } from 'vitest';
import { measureSurface } from './surface.js';

/** Paper of grey 230 with a bar of ink, 20 x 4 px at (10, 6). */
function bar(width = 60, height = 30, ink = 40) {
  const data = new Uint8Array(width * height).fill(230);
  for (let y = 6; y < 10; y++) for (let x = 10; x < 30; x++) data[y * width + x] = ink;
  return { width, height, data };
}

describe('measureSurface', () => {
  it('measures a bar of ink', () => {
    expect(measureSurface(bar())).toEqual({
      widthPx: 60,
      heightPx: 30,
      paperGrey: 230,
      inkGrey: 40,
      inkPx: 80,
      strokeWidthPx: (2 * 80) / 48,
      centreXPx: 19.5,
      centreYPx: 7.5,
      boxWidthPx: 20,
      boxHeightPx: 4,
    });
  });

  it('finds the grey of the paper among noise', () => {
    const image = bar();
    for (let i = 0; i < image.data.length; i += 3) if (image.data[i] === 230) image.data[i] = 225 + (i % 11);
    expect(Math.abs(measureSurface(image).paperGrey - 230)).toBeLessThanOrEqual(1);
  });

  it.each([0, 128, 255])('gives numbers for a picture of one grey, %i', (grey) => {
    const facts = measureSurface({ width: 4, height: 3, data: new Uint8Array(12).fill(grey) });
    expect(facts).toMatchObject({ inkPx: 0, strokeWidthPx: 0, paperGrey: grey, boxWidthPx: 0, boxHeightPx: 0 });
    for (const value of Object.values(facts)) expect(value).not.toBeNaN();
  });
});
