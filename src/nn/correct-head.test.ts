import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { correctHead } from './correct-head.js';

const [N, F, D] = [40, 6, 3];
const rng = new Rng('head');
const normals = (count: number) => Float32Array.from({ length: count }, () => rng.normal());
const head = { weight: { shape: [D, F], data: normals(D * F) }, bias: { shape: [D], data: normals(D) } };
const float = normals(N * F);

/** What a head makes of row n, [D]. */
const outputOf = ({ weight, bias }: typeof head, rows: Float32Array, n: number) =>
  Array.from(bias.data, (value, k) =>
    weight.data.subarray(k * F, (k + 1) * F).reduce((sum, w, f) => sum + w * rows[n * F + f]!, value),
  );
/** Mean square of what the head of integers lacks. */
const error = (integerHead: typeof head, integer: Float32Array) => {
  let sum = 0;
  for (let n = 0; n < N; n++) {
    const expected = outputOf(head, float, n);
    outputOf(integerHead, integer, n).forEach((value, k) => {
      sum += (value - expected[k]!) ** 2 / (N * D);
    });
  }
  return sum;
};

describe('a head that reads rounded features', () => {
  it('stays as it is where they are what it was made for', () => {
    const { weight, bias } = correctHead(head, { float, integer: float });
    weight.data.forEach((value, i) => {
      expect(value).toBeCloseTo(head.weight.data[i]!, 6);
    });
    bias.data.forEach((value, k) => {
      expect(value).toBeCloseTo(head.bias.data[k]!, 6);
    });
  });

  it('takes back a shift whole, and much of an error that goes with what it reads', () => {
    const shifted = float.map((value, i) => value + (i % F === 2 ? 5 : 0));
    const corrected = correctHead(head, { float, integer: shifted });
    expect(error(corrected as typeof head, shifted)).toBeLessThan(1e-8);

    // The first feature is read a third too small, and half of the second gets into it.
    const bent = float.map((value, i) => (i % F === 0 ? 0.7 * value + 0.5 * float[i + 1]! : value));
    const before = error(head, bent);
    const after = error(correctHead(head, { float, integer: bent }) as typeof head, bent);
    expect(after).toBeLessThan(0.1 * before);
  });

  it('hardly moves for errors that nothing tells', () => {
    const noisy = float.map((value) => value + 0.1 * rng.normal());
    const { weight } = correctHead(head, { float, integer: noisy });
    const moved = Math.hypot(...weight.data.map((value, i) => value - head.weight.data[i]!));
    expect(moved).toBeLessThan(0.1 * Math.hypot(...head.weight.data));
  });

  it('is of numbers of a single image', () => {
    const one = float.subarray(0, F);
    const { weight, bias } = correctHead(head, { float: one, integer: one.map((value) => value + 1) });
    expect([...weight.data, ...bias.data].every(Number.isFinite)).toBe(true);
  });
});
