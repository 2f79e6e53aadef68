import { describe, expect, it } from 'vitest';
import { exactInterval } from './exact-interval.js';

/** P(X <= k) of a binomial, each term by the one before: another way than the code goes. */
function atMost(k: number, n: number, p: number): number {
  let term = n * Math.log1p(-p);
  let sum = 0;
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(term);
    term += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return sum;
}

describe('exactInterval', () => {
  it.each([
    [0, 10, 0, 0.30849710781876],
    [10, 10, 0.69150289218124, 1],
    [5, 10, 0.18708602844739, 0.81291397155261],
    [1, 1, 0.025, 1],
  ])('is that of the tables: %i of %i', (count, of, low, high) => {
    const interval = exactInterval(count, of);
    expect(interval.low).toBeCloseTo(low, 10);
    expect(interval.high).toBeCloseTo(high, 10);
  });

  it.each([
    [1, 100],
    [3, 7],
    [37, 1000],
    [999, 1000],
    [120, 50_000],
    [25_000, 50_000],
    [49_999, 50_000],
  ])('has 2.5 %% of the binomial beyond either bound: %i of %i', (count, of) => {
    const { low, high } = exactInterval(count, of);
    expect(1 - atMost(count - 1, of, low)).toBeCloseTo(0.025, 7);
    expect(atMost(count, of, high)).toBeCloseTo(0.025, 7);
  });
});
