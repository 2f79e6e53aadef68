import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { augment, augmentOptionsSchema } from './augment.js';
import { drawHand, OWN_HAND, writtenBy } from './hand.js';
import { drawImitator, type Imitator } from './imitation.js';
import { inkBounds } from './ink-bounds.js';
import { drawSignature } from './strokes.fixture.js';
import type { InkImage } from './types.js';

const [WIDTH, HEIGHT] = [224, 128];
const drawn = drawSignature({ width: WIDTH, height: HEIGHT, ink: 0, strokeWidthPx: 3 });
const image: InkImage = { ...drawn, data: drawn.data.map((grey) => 255 - grey) };
/** Changes of places alone. */
const options = augmentOptionsSchema.parse({
  ...{ strokePasses: 0, gain: 0, gamma: 0, resolution: 0, bilevel: 0, erase: 0 },
  handWarp: 0.9,
});
const hand = drawHand(new Rng(1), new Rng(2), options);
const plain = OWN_HAND;

const still = { amplitude: 0, spacing: 10, rng: new Rng(1) };
const even = [0, 1].map(() => [0, 1, 2].map(() => [0, 0]));
const own: Imitator = { rotationDegrees: 0, shear: 0, aspect: 1, waves: even, tremor: still };

/** A picture of ink where `isInk` has it. */
function picture(isInk: (x: number, y: number) => boolean): InkImage {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    isInk(i % WIDTH, Math.floor(i / WIDTH)) ? 255 : 0,
  );
  return { width: WIDTH, height: HEIGHT, data };
}

/** Where the ink of a row lies, px. */
function centreOfRow({ data }: InkImage, y: number): number {
  const row = [...data.subarray(y * WIDTH, (y + 1) * WIDTH)];
  return row.reduce((sum, level, x) => sum + level * x, 0) / row.reduce((sum, level) => sum + level, 0);
}

const sizeOf = (ink: InkImage) => {
  const { left, top, right, bottom } = inkBounds(ink)!;
  return [right - left + 1, bottom - top + 1] as const;
};
const fill = (ink: InkImage) => Math.max(sizeOf(ink)[0] / WIDTH, sizeOf(ink)[1] / HEIGHT);

/** Mean square of the steps between neighbours, of the ink's: falls with each resampling. */
function sharpness({ data }: InkImage): number {
  let [steps, levels] = [0, 0];
  for (let i = 1; i < data.length; i++) {
    steps += (data[i]! - data[i - 1]!) ** 2;
    levels += data[i]! ** 2;
  }
  return steps / levels;
}

describe('an imitation', () => {
  it('is the genuine signature where the hand is no other and does not tremble', () => {
    expect(writtenBy(image, plain, own)).toEqual(image);
  });

  it('has the slant, the baseline and the proportions of its imitator', () => {
    const upright = picture((x, y) => Math.abs(x - 112) < 3 && y > 20 && y < 108);
    const slanted = writtenBy(upright, plain, { ...own, shear: 0.3 });
    expect((centreOfRow(slanted, 90) - centreOfRow(slanted, 40)) / 50).toBeCloseTo(0.3, 1);
    const turned = writtenBy(upright, plain, { ...own, rotationDegrees: 8 });
    expect((centreOfRow(turned, 90) - centreOfRow(turned, 40)) / 50).toBeCloseTo(-Math.tan((8 * Math.PI) / 180), 1);
    const box = picture((x, y) => x > 40 && x < 184 && y > 40 && y < 88);
    const [width, height] = sizeOf(writtenBy(box, plain, { ...own, aspect: 1.3 }));
    expect(width / height / (sizeOf(box)[0] / sizeOf(box)[1])).toBeCloseTo(1.3, 1);
  });

  it('trembles by what was asked for', () => {
    const line = picture((_, y) => Math.abs(y - 64) < 2);
    const trembling = writtenBy(line, plain, { ...own, tremor: { ...still, amplitude: 1.6 } });
    const heights = Array.from({ length: WIDTH - 40 }, (_, column) => {
      const x = column + 20;
      let [sum, ink] = [0, 0];
      for (let y = 0; y < HEIGHT; y++) {
        sum += y * trembling.data[y * WIDTH + x]!;
        ink += trembling.data[y * WIDTH + x]!;
      }
      return sum / ink - 64;
    });
    expect(Math.max(...heights.map(Math.abs))).toBeLessThan(1.7);
    expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(1);
  });

  it('differs from the hand that it imitates, fills the canvas as that does, and is no more blurred', () => {
    const written = writtenBy(image, hand);
    const sharpnesses: number[] = [];
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const imitator = drawImitator(new Rng(seed));
        const differences = [
          imitator.rotationDegrees / 8,
          imitator.shear / 0.3,
          Math.log(imitator.aspect) / Math.log(1.35),
        ];
        expect(Math.max(...differences.map(Math.abs))).toBeGreaterThanOrEqual(0.5);
        const imitation = writtenBy(image, hand, imitator);
        expect(Buffer.compare(imitation.data, writtenBy(image, hand, imitator).data)).toBe(0);
        const changed = imitation.data.reduce((sum, level, i) => sum + Math.abs(level - written.data[i]!), 0);
        expect(changed).toBeGreaterThan(0.2 * written.data.reduce((sum, level) => sum + level, 0));
        expect(Math.abs(fill(imitation) - fill(image))).toBeLessThan(0.15);
        sharpnesses.push(sharpness(imitation));
      }),
      { numRuns: 40, seed: 1 },
    );
    const mean = sharpnesses.reduce((sum, value) => sum + value, 0) / sharpnesses.length;
    expect(mean / sharpness(written)).toBeGreaterThan(0.9);
    expect(mean / sharpness(written)).toBeLessThan(1.1);
  });

  it('is drawn also where nobody else changes the hand', () => {
    const imitator = { ...own, shear: 0.3 };
    expect(augment(image, new Rng(1), options, undefined, imitator)).not.toEqual(augment(image, new Rng(1), options));
  });

  it('keeps its ink on the canvas', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const rng = new Rng(seed);
        const { data } = augment(image, rng, options, hand, drawImitator(rng.fork('imitator')));
        const ink = data.reduce((sum, level) => sum + level, 0) / image.data.reduce((sum, level) => sum + level, 0);
        expect(ink).toBeGreaterThan(0.4);
        expect(ink).toBeLessThan(2);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
