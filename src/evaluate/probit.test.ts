import { describe, expect, it } from 'vitest';
import { probit } from './probit.js';

/** Standard normal distribution by Simpson's rule. */
function normalCdf(x: number): number {
  const [n, low] = [4000, -9];
  const step = (x - low) / n;
  let sum = 0;
  for (let i = 0; i <= n; i++) sum += (i === 0 || i === n ? 1 : i % 2 ? 4 : 2) * Math.exp(-((low + i * step) ** 2) / 2);
  return (sum * step) / (3 * Math.sqrt(2 * Math.PI));
}

describe('probit', () => {
  it('gives the values of the tables', () => {
    expect(probit(0.5)).toBe(0);
    expect(probit(0.975)).toBeCloseTo(1.959964, 6);
    expect(probit(0.001)).toBeCloseTo(-3.090232, 6);
    expect([probit(0), probit(1)]).toEqual([-Infinity, Infinity]);
  });

  it('inverts the normal distribution', () => {
    for (let x = -4.5; x <= 4.5; x += 0.37) expect(probit(normalCdf(x))).toBeCloseTo(x, 6);
  });
});
