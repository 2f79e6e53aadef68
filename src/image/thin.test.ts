import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thin } from './thin.js';
import type { InkImage } from './types.js';

/** `#` is ink. */
function picture(...rows: string[]): InkImage {
  const data = Uint8Array.from(rows.join(''), (character) => (character === '#' ? 255 : 0));
  return { width: rows[0]!.length, height: rows.length, data };
}

function thinned(ink: InkImage): InkImage {
  return thin(ink, { left: 0, top: 0, right: ink.width, bottom: ink.height }, 1);
}

const render = ({ width, height, data }: InkImage) =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => (data[y * width + x] ? '#' : '.')).join(''),
  );

/** Pieces of pixels of one value: ink joined over corners, paper over sides only, as a signature and its loops are. */
function countPieces({ width, height, data }: InkImage, ofInk: boolean): number {
  const seen = new Set<number>();
  const belongs = (i: number) => (data[i] !== 0) === ofInk;
  let pieces = 0;
  for (let seed = 0; seed < data.length; seed++) {
    if (!belongs(seed) || seen.has(seed)) continue;
    pieces++;
    const open = [seed];
    seen.add(seed);
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      const [x, y] = [i % width, Math.floor(i / width)];
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (!ofInk && dx !== 0 && dy !== 0) continue;
          if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
          const j = (y + dy) * width + x + dx;
          if (!belongs(j) || seen.has(j)) continue;
          seen.add(j);
          open.push(j);
        }
      }
    }
  }
  return pieces;
}

/** Paper around the whole, so that paper outside is one piece. */
function framed({ width, height, data }: InkImage): InkImage {
  const wide = new Uint8Array((width + 2) * (height + 2));
  for (let y = 0; y < height; y++) wide.set(data.subarray(y * width, (y + 1) * width), (y + 1) * (width + 2) + 1);
  return { width: width + 2, height: height + 2, data: wide };
}

const blots = fc
  .array(
    fc.record({
      x: fc.integer({ min: 0, max: 27 }),
      y: fc.integer({ min: 0, max: 19 }),
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((boxes): InkImage => {
    const data = new Uint8Array(28 * 20);
    for (const { x, y, width, height } of boxes) {
      for (let row = y; row < Math.min(20, y + height); row++)
        data.fill(255, row * 28 + x, row * 28 + Math.min(28, x + width));
    }
    return { width: 28, height: 20, data };
  });

describe('thin', () => {
  it('leaves the middle of a bar', () => {
    const line = thinned(picture('#########', '#########', '#########'));
    const rows = render(line);
    expect(rows.filter((row) => row.includes('#'))).toHaveLength(1);
    expect(rows[2]).toMatch(/^\.{1,2}#{6,8}\.{2,3}$/);
  });

  it('keeps a thin line, a dot and a ring', () => {
    const kept = picture('##......#', '..##.....', '....#....', '.........', '#....#...', '....#.#..', '.....#...');
    expect(render(thinned(kept))).toEqual(render(framed(kept)));
  });

  it('keeps the number of pieces and of loops, and is thin then', () => {
    fc.assert(
      fc.property(blots, (ink) => {
        const line = thinned(ink);
        expect(countPieces(line, true)).toBe(countPieces(ink, true));
        expect(countPieces(line, false)).toBe(countPieces(framed(ink), false));
        const again = thin(line, { left: 1, top: 1, right: line.width - 1, bottom: line.height - 1 }, 1);
        expect(again.data).toEqual(line.data);
        framed(ink).data.forEach((level, i) => {
          if (level === 0) expect(line.data[i]).toBe(0);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('takes the box and the level it is told to', () => {
    const ink: InkImage = { width: 4, height: 1, data: Uint8Array.of(255, 63, 64, 255) };
    expect(render(thin(ink, { left: 1, top: 0, right: 3, bottom: 1 }, 64))).toEqual(['....', '..#.', '....']);
  });
});
