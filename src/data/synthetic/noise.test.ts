import { describe, expect, it } from 'vitest';
import { Rng } from '../../core/rng.js';
import { correlatedNoise, tremor } from './noise.js';

/** Mean of x_i x_(i+lag). */
function covariance(x: Float64Array, lag: number): number {
  let sum = 0;
  for (let i = lag; i < x.length; i++) sum += x[i]! * x[i - lag]!;
  return sum / (x.length - lag);
}

describe('noise', () => {
  it('has standard deviation 1 and the neighbours correlated by rho', () => {
    const noise = correlatedNoise(100_000, 0.8, new Rng(1));
    expect(covariance(noise, 0)).toBeCloseTo(1, 1);
    expect(covariance(noise, 1)).toBeCloseTo(0.8, 1);
    expect(covariance(noise, 2)).toBeCloseTo(0.64, 1);
  });

  it('trembles with the amplitude asked for, about nine times a second', () => {
    const shake = tremor(100_000, 0.05, new Rng(2));
    expect(Math.sqrt(covariance(shake, 0)) / 0.05).toBeCloseTo(1, 1);
    let crossings = 0;
    for (let i = 1; i < shake.length; i++) if (shake[i - 1]! < 0 && shake[i]! >= 0) crossings++;
    const hz = crossings / (shake.length / 200);
    expect(hz).toBeGreaterThan(7);
    expect(hz).toBeLessThan(12);
  });
});
