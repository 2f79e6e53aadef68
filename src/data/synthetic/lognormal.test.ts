import { describe, expect, it } from 'vitest';
import { lognormalDensity, lognormalProgress } from './lognormal.js';

describe('lognormal stroke', () => {
  it('has the area 1, so that the speed D times density covers the length D', () => {
    const [t0, mu, sigma, D] = [0.1, -1.8, 0.25, 3.7];
    const dt = 1e-4;
    let length = 0;
    for (let t = 0; t < 2; t += dt) length += D * lognormalDensity(t, t0, mu, sigma) * dt;
    expect(length).toBeCloseTo(D, 4);
  });

  it('progresses as the integral of its density', () => {
    const dt = 1e-5;
    let done = 0;
    for (let t = 0; t < 0.3; t += dt) done += lognormalDensity(t + dt / 2, 0.05, -1.6, 0.3) * dt;
    expect(lognormalProgress(0.3, 0.05, -1.6, 0.3)).toBeCloseTo(done, 5);
  });

  it('is half done at t0 + exp(mu), and has not begun at t0', () => {
    expect(lognormalProgress(0.2 + Math.exp(-1.5), 0.2, -1.5, 0.2)).toBeCloseTo(0.5, 6);
    expect(lognormalProgress(0.2, 0.2, -1.5, 0.2)).toBe(0);
    expect(lognormalDensity(0.2, 0.2, -1.5, 0.2)).toBe(0);
  });
});
