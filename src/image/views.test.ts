import { describe, expect, it } from 'vitest';
import { seenIn, TWO_VIEWS } from './views.js';

describe('a view that looks closer', () => {
  it('is mirrored, half as large again, and of paper where the canvas is paper', () => {
    const blank = { width: 96, height: 64, data: new Uint8Array(96 * 64) };
    const dot = { ...blank, data: blank.data.map((_, i) => (i === 10 * 96 + 20 ? 255 : 0)) };
    const { width, height, data } = seenIn(dot, TWO_VIEWS[1]!);
    expect({ width, height }).toEqual({ width: 144, height: 96 });
    const inked = [...data.entries()].filter(([, ink]) => ink > 0).map(([i]) => [i % width, Math.floor(i / width)]);
    // Column 20 of 96 lies between 112.5 and 114 of 144 when seen in a mirror, row 10 between 15 and 16.5.
    for (const [x, y] of inked) {
      expect(Math.abs(x! + 0.5 - 113.25)).toBeLessThan(1.5);
      expect(Math.abs(y! + 0.5 - 15.75)).toBeLessThan(1.5);
    }
    const mass = data.reduce((sum, ink) => sum + ink, 0);
    expect(mass / (255 * 1.5 ** 2)).toBeCloseTo(1, 1);
  });
});
