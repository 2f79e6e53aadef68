import { describe, expect, it } from 'vitest';
import { Rng } from '../../core/rng.js';
import { forge, signGenuine } from '../../data/synthetic/sign.js';
import { createWriter } from '../../data/synthetic/writer.js';
import { bilinear } from '../../image/geometry.js';
import { preprocessOptionsSchema } from '../../image/options.js';
import { prepareDecoded } from '../../image/prepare-decoded.js';
import type { GreyImage, InkImage } from '../../image/types.js';
import { distanceToStrokes } from './distance-transform.js';
import { layOver } from './overlay.js';
import { inverseOf, matrixOf, type Placement } from './placement.js';

/** Twice as fine as the network's own canvas. */
const options = preprocessOptionsSchema.parse({ canvas: { height: 300, width: 600 } });
const clean = (image: GreyImage): InkImage =>
  prepareDecoded(
    { ...image, format: 'png', sourceWidth: image.width, sourceHeight: image.height, damaged: false },
    options,
  ).ink;
const writer = (number: number) => createWriter(new Rng(1), number);
const genuine = (of: number, number: number) => clean(signGenuine(writer(of), new Rng(`genuine ${of} ${number}`)));
const forged = (of: number, number: number) => clean(forge(writer(of), new Rng(`forged ${of} ${number}`)));

describe('distanceToStrokes', () => {
  it('is what trying every stroke pixel gives', () => {
    const rng = new Rng('strokes');
    const [width, height] = [37, 23];
    for (const share of [0, 0.002, 0.02, 0.3, 1]) {
      const strokes = Array.from({ length: width * height }, () => rng.chance(share));
      const places = [...strokes.keys()].filter((i) => strokes[i]);
      const distances = distanceToStrokes(width, height, (i) => strokes[i]!);
      distances.forEach((distance, i) => {
        const [x, y] = [i % width, Math.floor(i / width)];
        const tried = places.map((p) => Math.hypot(x - (p % width), y - Math.floor(p / width)));
        if (places.length > 0) expect(distance).toBeCloseTo(Math.min(...tried), 4);
        else expect(distance).toBeGreaterThan(1e5);
      });
    }
  });
});

describe('a placement', () => {
  it('leads back by its inverse', () => {
    const placement = { scale: 1.3, rotationRadians: 0.2, dx: 7, dy: -11 };
    const [x, y] = apply(inverseOf(placement), ...apply(placement, 31, 17));
    expect([x, y]).toEqual([expect.closeTo(31, 9), expect.closeTo(17, 9)]);
  });
});

describe('layOver', () => {
  it.each<[string, Placement]>([
    ['as it is', { scale: 1, rotationRadians: 0, dx: 0, dy: 0 }],
    ['moved', { scale: 1, rotationRadians: 0, dx: 25, dy: -14 }],
    ['turned', { scale: 1, rotationRadians: 0.12, dx: 20, dy: -30 }],
    ['turned the other way and smaller', { scale: 0.8, rotationRadians: -0.2, dx: 40, dy: 80 }],
    ['larger', { scale: 1.3, rotationRadians: 0.05, dx: -60, dy: -70 }],
  ])('finds a copy that is %s, to two and a half of 600 pixels, and no difference', (_, placement) => {
    for (const of of [1, 2, 3]) {
      const reference = copyAt(genuine(of, 1), { scale: 0.7, rotationRadians: 0, dx: 90, dy: 45 }); // room to move in
      const overlay = layOver(reference, copyAt(reference, placement));
      const worst = [
        [0, 0],
        [599, 0],
        [0, 299],
        [599, 299],
      ].map(([x, y]) => {
        const [backX, backY] = apply(overlay.placement, ...apply(placement, x!, y!));
        return Math.hypot(backX - x!, backY - y!);
      });
      expect(Math.max(...worst)).toBeLessThan(2.5);
      expect(overlay.questioned.differing).toBeLessThan(0.02);
    }
  });

  it('sees on average more that differs in forgeries than in genuine signatures', () => {
    const shares = (questioned: (of: number) => InkImage) =>
      Array.from({ length: 12 }, (_, i) => {
        const overlay = layOver(genuine(i + 1, 1), questioned(i + 1));
        return (overlay.reference.differing + overlay.questioned.differing) / 2;
      });
    const ofGenuine = mean(shares((of) => genuine(of, 2)));
    const ofForged = mean(shares((of) => forged(of, 1)));
    const ofOthers = mean(shares((of) => genuine(of + 20, 1)));
    expect(ofForged).toBeGreaterThan(1.15 * ofGenuine);
    expect(ofOthers).toBeGreaterThan(1.15 * ofForged);
  });

  it('measures what lies apart as one would by hand', () => {
    const [reference, questioned] = [genuine(4, 1), forged(4, 2)];
    const { placement, questioned: laid, tolerancePx } = layOver(reference, questioned);
    const strokes = [...reference.data.keys()].filter((i) => reference.data[i]! >= 64);
    const own = [...questioned.data.keys()].filter((i) => questioned.data[i]! >= 64);
    const apart = own
      .filter((_, n) => n % 7 === 0)
      .map((i) => {
        const [x, y] = apply(placement, i % 600, Math.floor(i / 600));
        const nearest = Math.min(...strokes.map((p) => Math.hypot(x - (p % 600), y - Math.floor(p / 600))));
        // It looks at the nearest whole pixel; from beyond the picture it goes by way of the edge.
        const more = laid.apartPx[i]! - nearest;
        expect(more).toBeGreaterThan(-1);
        if (x >= 0 && x < 600 && y >= 0 && y < 300) expect(more).toBeLessThan(1);
        return nearest;
      });
    const share = apart.filter((distance) => distance > tolerancePx).length / apart.length;
    expect(laid.differing).toBeCloseTo(share, 1);
  });

  it('has nothing to say of empty pictures', () => {
    const empty = { width: 60, height: 30, data: new Uint8Array(1800) };
    expect(layOver(empty, empty)).toMatchObject({ placement: { scale: 1 }, reference: { differing: 0 } });
    expect(layOver(genuine(1, 1), empty)).toMatchObject({ reference: { differing: 1 }, questioned: { differing: 0 } });
  });

  it('is quick enough to be done while one looks: two pictures of 300 x 600', () => {
    const [reference, questioned] = [genuine(5, 1), forged(5, 1)];
    const times = Array.from({ length: 12 }, () => {
      const started = performance.now();
      layOver(reference, questioned);
      return performance.now() - started;
    });
    expect(Math.min(...times)).toBeLessThan(1000); // it takes 22 ms of a processor that does nothing else
  });
});

function apply(placement: Placement, x: number, y: number): [number, number] {
  const { a, b, c, d, e, f } = matrixOf(placement);
  return [a * x + c * y + e, b * x + d * y + f];
}

/** The picture with its pixels brought where the placement says, on a canvas of the same size. */
function copyAt({ width, height, data }: InkImage, placement: Placement): InkImage {
  const back = inverseOf(placement);
  const copy = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = apply(back, x, y);
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      if (left < 0 || top < 0 || left >= width - 1 || top >= height - 1) continue;
      copy[y * width + x] = Math.round(bilinear(data, width, fromX, fromY, left, top));
    }
  }
  return { width, height, data: copy };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
