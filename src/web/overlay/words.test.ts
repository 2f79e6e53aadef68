import { expect, it } from 'vitest';
import type { LaidOver, Overlay } from './overlay.js';
import { overlayInWords } from './words.js';

const laid = (differing: number) => ({ differing }) as LaidOver;
const overlay = (degrees: number, scale: number): Overlay => ({
  reference: laid(0.176),
  questioned: laid(0),
  placement: { scale, rotationRadians: (degrees * Math.PI) / 180, dx: 3, dy: 4 },
  tolerancePx: 4,
});

it.each([
  [0.2, 1.001, ''],
  [4, 1, ' To lie over the reference, the questioned signature was turned by 4° clockwise.'],
  [
    -3,
    0.9,
    ' To lie over the reference, the questioned signature was turned by 3° anticlockwise and made 10 % smaller.',
  ],
])('says what an overlay shows', (degrees, scale, moved) => {
  expect(overlayInWords(overlay(degrees, scale))).toBe(
    `18 % of the strokes of the reference and 0 % of the questioned signature have no stroke of the other near.${moved}`,
  );
});
