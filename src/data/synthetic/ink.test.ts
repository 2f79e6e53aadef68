import { describe, expect, it } from 'vitest';
import { drawCapsule, type InkLayer } from './ink.js';

const layer = (): InkLayer => ({ width: 40, height: 20, data: new Float32Array(800) });

describe('drawCapsule', () => {
  it('covers the area of a capsule: length x width + the two round ends', () => {
    const page = layer();
    drawCapsule(page, { x: 8, y: 10, radius: 3, darkness: 1 }, { x: 30, y: 10, radius: 3, darkness: 1 }, 1);
    const area = page.data.reduce((sum, value) => sum + value, 0);
    expect(area).toBeCloseTo(22 * 6 + Math.PI * 9, 0);
  });

  it('keeps the darker of two lines, and stays on the page', () => {
    const page = layer();
    const nib = (x: number, darkness: number) => ({ x, y: 10, radius: 4, darkness });
    drawCapsule(page, nib(-5, 0.9), nib(50, 0.9), 1);
    drawCapsule(page, nib(-5, 0.4), nib(50, 0.4), 1);
    expect(page.data[10 * 40 + 20]).toBeCloseTo(0.9, 6);
    expect(page.data[0]).toBe(0);
  });
});
