import { describe, expect, it } from 'vitest';
import { Rng } from '../../core/rng.js';
import type { GreyImage } from '../../image/types.js';
import { forge, signGenuine } from './sign.js';
import { createWriter } from './writer.js';

const WRITERS = 40;
const EACH = 6;
const root = new Rng('sign.test');
const set = Array.from({ length: WRITERS }, (_, k) => {
  const writer = createWriter(root, k + 1);
  const draw = (make: typeof forge, kind: string) =>
    Array.from({ length: EACH }, (_, i) => make(writer, root.fork(`${kind} ${k} ${i}`)));
  return { genuine: draw(signGenuine, 'genuine'), forged: draw(forge, 'forged') };
});

describe('signGenuine and forge', () => {
  it('give the same picture for the same writer and random state, and another for another', () => {
    const again = createWriter(new Rng('sign.test'), 3);
    expect(signGenuine(again, new Rng(5)).data).toEqual(signGenuine(createWriter(root, 3), new Rng(5)).data);
    expect(forge(again, new Rng(5)).data).toEqual(forge(createWriter(root, 3), new Rng(5)).data);
    expect(signGenuine(again, new Rng(5)).data).not.toEqual(signGenuine(again, new Rng(6)).data);
  });

  it('leave paper at all edges and ink within', () => {
    for (const image of set.flatMap(({ genuine, forged }) => [...genuine, ...forged])) {
      const { width, height, data } = image;
      expect(data.length).toBe(width * height);
      const level = inkLevel(image);
      const edge = (i: number) => i < width || i >= data.length - width || i % width === 0 || i % width === width - 1;
      expect(data.findIndex((grey, i) => grey <= level && edge(i))).toBe(-1);
      const share = measure(image).ink / data.length;
      expect(share).toBeGreaterThan(0.01);
      expect(share).toBeLessThan(0.4);
    }
  });

  it('make genuine signatures alike, forgeries less so, other writers least (mean distance of shapes)', () => {
    const shapes = set.map(({ genuine, forged }) => ({ genuine: genuine.map(shape), forged: forged.map(shape) }));
    const within: number[] = [];
    const skilled: number[] = [];
    const random: number[] = [];
    for (const [k, { genuine, forged }] of shapes.entries()) {
      const other = shapes[(k + 1) % WRITERS]!;
      for (let i = 0; i < EACH; i++) {
        for (let j = 0; j < EACH; j++) {
          if (i < j) within.push(distance(genuine[i]!, genuine[j]!));
          skilled.push(distance(genuine[i]!, forged[j]!));
          random.push(distance(genuine[i]!, other.genuine[j]!));
        }
      }
    }
    expect(mean(within)).toBeLessThan(0.92 * mean(skilled));
    expect(mean(skilled)).toBeLessThan(0.92 * mean(random));
    expect(areaUnderCurve(random, within)).toBeGreaterThan(0.9);
  });

  const measured = {
    genuine: set.flatMap(({ genuine }) => genuine.map(measure)),
    forged: set.flatMap(({ forged }) => forged.map(measure)),
  };
  it.each(['strokeWidth', 'ink', 'width', 'height', 'paperGrey', 'inkGrey'] as const)(
    'do not tell genuine from forged by %s',
    (key) => {
      const auc = areaUnderCurve(
        measured.forged.map((numbers) => numbers[key]),
        measured.genuine.map((numbers) => numbers[key]),
      );
      // 240 against 240: one standard error is 0.026.
      expect(auc).toBeGreaterThan(0.45);
      expect(auc).toBeLessThan(0.55);
    },
  );
});

/** Mid-grey between the darkest ink and the paper. */
function inkLevel({ data }: GreyImage): number {
  const sorted = data.slice().sort();
  return (sorted[Math.floor(sorted.length * 0.003)]! + sorted[Math.floor(sorted.length * 0.7)]!) / 2;
}

/** Numbers with no shape in them. The width of a line is about twice its area over its outline. */
function measure(image: GreyImage) {
  const { width, height, data } = image;
  const level = inkLevel(image);
  let [ink, outline, inkSum, paperSum] = [0, 0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    if (data[i]! > level) paperSum += data[i]!;
    else {
      ink++;
      inkSum += data[i]!;
      if (data[i - 1]! > level || data[i + 1]! > level || data[i - width]! > level || data[i + width]! > level)
        outline++;
    }
  }
  const paper = data.length - ink;
  return { width, height, ink, strokeWidth: (2 * ink) / outline, inkGrey: inkSum / ink, paperGrey: paperSum / paper };
}

/** Ink cropped to its box, spread over a grid and blurred, L2 norm 1: [12 x 24]. */
function shape(image: GreyImage): Float64Array {
  const { width, data } = image;
  const level = inkLevel(image);
  const at: { x: number; y: number }[] = [];
  const box = { left: Infinity, right: 0, top: Infinity, bottom: 0 };
  for (let i = 0; i < data.length; i++) {
    if (data[i]! > level) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    at.push({ x, y });
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  const grid = new Float64Array(12 * 24);
  for (const { x, y } of at) {
    const u = ((x - box.left) / (box.right - box.left + 1)) * 23;
    const v = ((y - box.top) / (box.bottom - box.top + 1)) * 11;
    const [i, j] = [Math.floor(u), Math.floor(v)];
    for (const [dy, dx] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      grid[(j + dy) * 24 + i + dx]! += Math.abs(1 - dx - (u - i)) * Math.abs(1 - dy - (v - j));
    }
  }
  const norm = Math.sqrt(grid.reduce((sum, value) => sum + value * value, 0));
  return grid.map((value) => value / norm);
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
}

/** Probability that a value of `high` exceeds one of `low`, ties half: by counting all pairs. */
function areaUnderCurve(high: readonly number[], low: readonly number[]): number {
  let wins = 0;
  for (const h of high) for (const l of low) wins += h > l ? 1 : h === l ? 0.5 : 0;
  return wins / (high.length * low.length);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
