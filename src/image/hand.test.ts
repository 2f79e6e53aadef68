import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { augment, augmentOptionsSchema } from './augment.js';
import { drawHand, type Hand, writtenBy } from './hand.js';
import { drawSignature } from './strokes.fixture.js';
import type { InkImage } from './types.js';

const drawn = drawSignature({ width: 224, height: 128, ink: 0, strokeWidthPx: 3 });
const image: InkImage = { ...drawn, data: drawn.data.map((grey) => 255 - grey) };
const options = augmentOptionsSchema.parse({ mirror: 0.5, handShear: 0.2, handAspect: 0.3, handWarp: 1 });
const plain: Hand = { mirrorX: false, mirrorY: false, rotationDegrees: 0, shear: 0, aspect: 1, waves: undefined };

const handOf = (batch: number, writer: number) => drawHand(new Rng(batch), new Rng(writer), options);
const at = ({ data, width }: InkImage, x: number, y: number) => data[y * width + x]!;
const sum = ({ data }: InkImage) => data.reduce((a, b) => a + b, 0);

/** One pixel of ink. */
function dot(x: number, y: number): InkImage {
  const data = new Uint8Array(224 * 128);
  data[y * 224 + x] = 255;
  return { width: 224, height: 128, data };
}

/** Where the ink lies, px. */
function centre({ data, width }: InkImage): [number, number] {
  let [x, y, total] = [0, 0, 0];
  data.forEach((level, i) => {
    x += level * (i % width);
    y += level * Math.floor(i / width);
    total += level;
  });
  return [x / total, y / total];
}

describe('a hand', () => {
  it('leaves everything as it was written where nothing is asked for', () => {
    const off = augmentOptionsSchema.parse({});
    expect(writtenBy(image, drawHand(new Rng(1), new Rng(2), off))).toEqual(image);
    expect(writtenBy(image, plain)).toEqual(image);
    const variant = augment(image, new Rng(3), off, drawHand(new Rng(1), new Rng(2), off));
    expect(variant).toEqual(augment(image, new Rng(3), off));
  });

  it('mirrors the writers of a batch together, and slants and warps each his own way', () => {
    for (let batch = 0; batch < 20; batch++) {
      const [a, b] = [handOf(batch, 1), handOf(batch, 2)];
      expect([a.mirrorX, a.mirrorY]).toEqual([b.mirrorX, b.mirrorY]);
      expect(a.shear).not.toBe(b.shear);
      expect(a.waves).not.toEqual(b.waves);
    }
    const mirrored = Array.from({ length: 200 }, (_, batch) => handOf(batch, 1).mirrorX).filter(Boolean);
    expect(mirrored.length).toBeGreaterThan(70);
    expect(mirrored.length).toBeLessThan(130);
  });

  it('mirrors exactly', () => {
    for (const [mirrorX, mirrorY] of [
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const variant = writtenBy(image, { ...plain, mirrorX, mirrorY });
      for (let i = 0; i < 500; i++) {
        const [x, y] = [(i * 37) % 224, (i * 53) % 128];
        expect(at(variant, x, y)).toBe(at(image, mirrorX ? 223 - x : x, mirrorY ? 127 - y : y));
      }
    }
  });

  it('moves the same place of each signature to the same place, and neighbours stay neighbours', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 20, max: 200 }), fc.integer({ min: 20, max: 100 }), (seed, x, y) => {
        const hand = { ...plain, waves: handOf(seed, seed).waves };
        const [here, beside] = [centre(writtenBy(dot(x, y), hand)), centre(writtenBy(dot(x + 3, y), hand))];
        expect(centre(writtenBy(dot(x, y), hand))).toEqual(here);
        expect(beside[0]).toBeGreaterThan(here[0]); // not folded
        expect(beside[0] - here[0]).toBeLessThan(12);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('pushes no ink over the edge', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const variant = writtenBy(image, handOf(seed, seed));
        expect(sum(variant)).toBeGreaterThan(0.6 * sum(image));
        expect(sum(variant)).toBeLessThan(1.6 * sum(image));
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
