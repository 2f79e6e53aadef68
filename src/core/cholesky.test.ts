import { describe, expect, it } from 'vitest';
import { factorise, solveLower, solveUpper } from './cholesky.js';
import { Rng } from './rng.js';

describe('the Cholesky factor', () => {
  it('gives the matrix back, and solves by it', () => {
    const n = 5;
    const rng = new Rng('cholesky');
    const root = Array.from({ length: n }, () => Array.from({ length: n }, () => rng.normal()));
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
    const a = root.map((row, i) => root.map((other, j) => dot(row, other) + (i === j ? 0.1 : 0)));
    const l = Float64Array.from(a.flat());
    factorise(l, n);
    const lower = a.map((_, i) => a.map((_, j) => (j <= i ? l[i * n + j]! : 0)));
    a.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(dot(lower[i]!, lower[j]!)).toBeCloseTo(value, 10);
      });
    });
    const x = [3, -1, 0.5, 2, -4];
    const b = Float64Array.from(a, (row) => dot(row, x));
    solveLower(l, n, b);
    solveUpper(l, n, b);
    x.forEach((value, k) => {
      expect(b[k]).toBeCloseTo(value, 8);
    });
  });
});
