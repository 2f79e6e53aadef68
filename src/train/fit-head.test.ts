import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import fitHead from './jobs/fit-head.js';

const [N, F, WIDTH, D] = [60, 4, 5, 3];
/** As in jobs/fit-head.ts. */
const RIDGE = 0.3;

const rng = new Rng('head');
const normals = (count: number) => Float32Array.from({ length: count }, () => rng.normal());
const head = { weight: { shape: [D, WIDTH], data: normals(D * WIDTH) }, bias: { shape: [D], data: normals(D) } };
const before = normals(N * WIDTH);
/** Features of unlike sizes and centres, which have to do with those before. */
const features = Float32Array.from({ length: N * F }, (_, i) => {
  const [n, f] = [Math.floor(i / F), i % F];
  return 10 ** (f / 2 - 1) * (before[n * WIDTH + f]! + 0.5 * before[n * WIDTH + f + 1]! + 0.3 * rng.normal() + f);
});

const rows = (of: Float32Array, width: number) =>
  Array.from({ length: of.length / width }, (_, n) => [...of.subarray(n * width, (n + 1) * width)]);
const saidBy = ({ weight, bias }: typeof head, vector: readonly number[]) =>
  rows(weight.data, vector.length).map((row, k) =>
    row.reduce((sum, value, f) => sum + value * vector[f]!, bias.data[k]!),
  );
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);
const fitted = (read = features) => fitHead({ before, features: read.slice(), count: F, ...head }) as typeof head;

describe('a head for other features', () => {
  it('errs, with its ridge, as little as any: a step in any direction, to either side, errs more', () => {
    const after = fitted();
    expect(after.weight.shape).toEqual([D, F]);
    const wanted = rows(before, WIDTH).map((vector) => saidBy(head, vector));
    const deviation = Array.from({ length: F }, (_, f) => {
      const column = rows(features, F).map((row) => row[f]!);
      return Math.sqrt(meanOf(column.map((value) => (value - meanOf(column)) ** 2)));
    });
    /** Mean square, over images, of what is missed, and of weights of standardised features. */
    const error = (of: typeof head) => {
      const missed = rows(features, F).map((vector, n) =>
        saidBy(of, vector).map((value, k) => (value - wanted[n]![k]!) ** 2),
      );
      const size = [...of.weight.data].reduce((sum, value, i) => sum + (value * deviation[i % F]!) ** 2, 0);
      return missed.flat().reduce((sum, value) => sum + value, 0) / (N - 1) + RIDGE * size;
    };
    const least = error(after);
    for (let turn = 0; turn < 20; turn++) {
      const step = normals(D * F).map((value, i) => (0.02 * value) / deviation[i % F]!);
      for (const sign of [1, -1]) {
        const data = after.weight.data.map((value, i) => value + sign * step[i]!);
        expect(error({ ...after, weight: { shape: [D, F], data } })).toBeGreaterThan(least);
        const bias = after.bias.data.map((value, k) => value + sign * step[k]!);
        expect(error({ ...after, bias: { shape: [D], data: bias } })).toBeGreaterThan(least);
      }
    }
  });

  it('says nothing of a feature that is the same in all images', () => {
    const dead = features.map((value, i) => (i % F === 2 ? 7 : value));
    const after = fitted(dead);
    for (let k = 0; k < D; k++) expect(after.weight.data[k * F + 2]).toBeCloseTo(0, 12);
    for (const value of [...after.weight.data, ...after.bias.data]) expect(Number.isFinite(value)).toBe(true);
  });
});
