import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { augment, augmentOptionsSchema } from './augment.js';
import { drawSignature } from './strokes.fixture.js';
import type { InkImage } from './types.js';

const drawn = drawSignature({ width: 224, height: 128, ink: 0, strokeWidthPx: 3 });
const image: InkImage = { ...drawn, data: drawn.data.map((grey) => 255 - grey) };
const defaults = augmentOptionsSchema.parse({});
const off = augmentOptionsSchema.parse({
  rotationDegrees: 0,
  shear: 0,
  scale: 0,
  aspect: 0,
  shift: 0,
  strokePasses: 0,
  gain: 0,
  gamma: 0,
  resolution: 0,
  bilevel: 0,
  erase: 0,
});

describe('augment', () => {
  it('is the identity with every strength at 0', () => {
    expect(augment(image, new Rng(1), off)).toEqual(image);
  });

  it('erases a box in about half of the images, never the input, and nothing outside the box', () => {
    const erasing = augmentOptionsSchema.parse({ ...off, erase: 0.3 });
    let changed = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { data } = augment(image, new Rng(seed), erasing);
      const gone = [...data.keys()].filter((i) => data[i] !== image.data[i]);
      if (gone.length === 0) continue;
      changed++;
      expect(gone.every((i) => data[i] === 0)).toBe(true);
      const columns = gone.map((i) => i % image.width);
      expect(Math.max(...columns) - Math.min(...columns)).toBeLessThanOrEqual(0.3 * image.width);
    }
    expect(changed).toBeGreaterThan(5);
    expect(changed).toBeLessThan(35);
  });

  it('gives the same variant for the same seed, another for another, and leaves its input alone', () => {
    const before = image.data.slice();
    expect(augment(image, new Rng(1), defaults)).toEqual(augment(image, new Rng(1), defaults));
    expect(augment(image, new Rng(1), defaults)).not.toEqual(augment(image, new Rng(2), defaults));
    expect(image.data).toEqual(before);
  });

  it('loses no strokes over the edge, whatever it draws', () => {
    const wide = augmentOptionsSchema.parse({ ...off, rotationDegrees: 20, shear: 0.3, scale: 0.3, shift: 0.3 });
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const variant = augment(image, new Rng(seed), wide);
        const border = [...variant.data.keys()].filter((i) => isBorder(i, 224, 128) && variant.data[i]! > 0);
        expect(border).toEqual([]);
        expect(sum(variant)).toBeGreaterThan(0.25 * sum(image));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('rotates about the centre by the angle it drew', () => {
    const bar: InkImage = { width: 101, height: 101, data: new Uint8Array(101 * 101) };
    for (let x = 20; x <= 80; x++) bar.data[50 * 101 + x] = 255;
    const options = augmentOptionsSchema.parse({ ...off, rotationDegrees: 30 });
    const angle = (new Rng(5).uniform(-1, 1) * 30 * Math.PI) / 180;
    const variant = augment(bar, new Rng(5), options);
    const x = Math.round(50 + 25 * Math.cos(angle));
    const y = Math.round(50 + 25 * Math.sin(angle));
    expect(variant.data[y * 101 + x]).toBeGreaterThan(60);
    expect(variant.data[50 * 101 + 50]).toBe(255);
  });

  it('makes strokes thicker and thinner, never blank', () => {
    const options = augmentOptionsSchema.parse({ ...off, strokePasses: 1 });
    const sums = Array.from({ length: 40 }, (_, seed) => sum(augment(image, new Rng(seed), options)) / sum(image));
    expect(Math.max(...sums)).toBeGreaterThan(1.4);
    expect(Math.min(...sums)).toBeLessThan(0.8);
    expect(Math.min(...sums)).toBeGreaterThan(0.3);
  });

  it('dilates as a naive 3 x 3 maximum does', () => {
    const dot: InkImage = { width: 9, height: 7, data: new Uint8Array(63) };
    dot.data[3 * 9 + 4] = 200;
    dot.data[0] = 90;
    const options = augmentOptionsSchema.parse({ ...off, strokePasses: 3 });
    const seed = Array.from({ length: 5000 }, (_, i) => i).find((i) => passes(i, 3) > 0.98 && passes(i, 3) < 1)!;
    const variant = augment(dot, new Rng(seed), options);
    for (let y = 0; y < 7; y++) {
      for (let x = 0; x < 9; x++) {
        const near = Math.abs(x - 4) <= 1 && Math.abs(y - 3) <= 1;
        const expected = near ? 200 : x <= 1 && y <= 1 ? 90 : 0;
        expect(Math.abs(variant.data[y * 9 + x]! - expected)).toBeLessThanOrEqual(5);
      }
    }
  });

  it('makes the ink all or nothing, of one level where nothing else changes', () => {
    const { data } = augment(image, new Rng(1), { ...off, bilevel: 1 });
    expect(new Set(data)).toEqual(new Set([0, 255]));
    const half = Math.max(...image.data) / 2;
    expect(data.every((level, i) => level > 0 === image.data[i]! >= half)).toBe(true);
  });

  it('keeps faint strokes where the ink becomes all or nothing', () => {
    const faint = { ...image, data: image.data.map((level) => level / 3) };
    const [of, as] = [faint, image].map((picture) => sum(augment(picture, new Rng(1), { ...off, bilevel: 1 })));
    expect(of! / as!).toBeCloseTo(1, 1);
  });

  it('loses detail in about half of the images: edges grow softer, and the ink stays where it was', () => {
    const steepest = ({ data, width }: InkImage) =>
      data.reduce((most, level, i) => (i % width === 0 ? most : Math.max(most, Math.abs(level - data[i - 1]!))), 0);
    const centre = ({ data, width }: InkImage) =>
      data.reduce((total, level, i) => total + level * (i % width), 0) / data.reduce((a, b) => a + b, 0);
    const bilevel = augment(image, new Rng(1), { ...off, bilevel: 1 });
    let softer = 0;
    for (let seed = 0; seed < 40; seed++) {
      const variant = augment(bilevel, new Rng(seed), { ...off, resolution: 2 });
      expect(Math.abs(centre(variant) - centre(bilevel))).toBeLessThan(1);
      if (steepest(variant) < 250) softer++;
    }
    expect(softer).toBeGreaterThan(8);
    expect(softer).toBeLessThan(32);
  });

  it('refuses unknown strengths', () => {
    expect(() => augmentOptionsSchema.parse({ flip: 1 })).toThrow(/flip/);
  });
});

/** The stroke passes that `augment` draws: seventh of its numbers. */
function passes(seed: number, strength: number): number {
  const rng = new Rng(seed);
  for (let i = 0; i < 6; i++) rng.uniform(-1, 1);
  return rng.uniform(-1, 1) * strength;
}

function sum({ data }: InkImage): number {
  return data.reduce((a, b) => a + b, 0);
}

function isBorder(i: number, width: number, height: number): boolean {
  const [x, y] = [i % width, Math.floor(i / width)];
  return x === 0 || y === 0 || x === width - 1 || y === height - 1;
}
