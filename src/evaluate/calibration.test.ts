import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { fitCalibration, genuineProbability, similarity } from './calibration.js';
import { equalErrorRate, farAt, frrAt } from './error-rates.js';

function normals(rng: Rng, count: number, mean: number, deviation: number): Float64Array {
  return Float64Array.from({ length: count }, () => rng.normal(mean, deviation));
}

/** Class-weighted log loss by a naive loop. */
function logLoss(genuine: Float64Array, forged: Float64Array, slope: number, intercept: number): number {
  let loss = 0;
  for (const d of genuine) loss -= Math.log(genuineProbability(d, { slope, intercept })) / (2 * genuine.length);
  for (const d of forged) loss -= Math.log(1 - genuineProbability(d, { slope, intercept })) / (2 * forged.length);
  return loss;
}

describe('fitCalibration', () => {
  it('recovers the true log-likelihood ratio of two normals, whatever the class sizes', () => {
    // N(0.5, s) against N(0.9, s): log-likelihood ratio = (d - 0.7) * 0.4 / s^2, so slope 10 and intercept -7 for s = 0.2
    const rng = new Rng('two normals');
    const { slope, intercept } = fitCalibration(normals(rng, 60_000, 0.5, 0.2), normals(rng, 15_000, 0.9, 0.2));
    expect(slope / 10).toBeCloseTo(1, 1);
    expect(-intercept / slope).toBeCloseTo(0.7, 2);
  });

  it('stands at the minimum of the log loss', () => {
    const rng = new Rng('minimum');
    const [genuine, forged] = [normals(rng, 200, 0.5, 0.2), normals(rng, 300, 0.8, 0.2)];
    const { slope, intercept } = fitCalibration(genuine, forged);
    const best = logLoss(genuine, forged, slope, intercept);
    for (const [a, b] of [
      [0.5, 0],
      [-0.5, 0],
      [0, 0.3],
      [0, -0.3],
    ] as const) {
      expect(logLoss(genuine, forged, slope + a, intercept + b)).toBeGreaterThan(best);
    }
  });

  it('converges on separable data to a finite slope with the middle at 50', () => {
    const calibration = fitCalibration(Float32Array.of(0.1, 0.2), Float32Array.of(0.8, 0.9));
    expect(calibration.slope).toBeGreaterThan(1);
    expect(calibration.slope).toBeLessThan(1000);
    expect(similarity(0.5, calibration)).toBeCloseTo(50, 4);
    expect(similarity(0.1, calibration)).toBeGreaterThan(99);
  });

  it('gives 50 everywhere when the distances say nothing', () => {
    const same = new Float32Array(4).fill(0.3);
    expect(similarity(0.3, fitCalibration(same, same))).toBeCloseTo(50, 10);
  });

  it('ignores failed images and refuses a missing class', () => {
    const [genuine, forged] = [Float32Array.of(0.1, 0.3, 0.6), Float32Array.of(0.5, 0.8)];
    expect(fitCalibration(Float32Array.of(...genuine, Infinity), forged)).toEqual(fitCalibration(genuine, forged));
    expect(() => fitCalibration(Float32Array.of(Infinity), forged)).toThrow(/at least one genuine/);
  });

  it('moves with the unit of distance, and similarity stays in 0 .. 100 and falls with distance', () => {
    const list = fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(list, list, (near, far) => {
        const genuine = Float64Array.from(near);
        const forged = Float64Array.from(far, (d) => d + 0.5);
        const calibration = fitCalibration(genuine, forged);
        const scaled = fitCalibration(
          genuine.map((d) => 10 * d),
          forged.map((d) => 10 * d),
        );
        for (const d of [0, 0.5, 1, 3, 1e6]) {
          const value = similarity(d, calibration);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(100);
          expect(similarity(10 * d, scaled)).toBeCloseTo(value, 1);
        }
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('gives the documented example', () => {
    const { slope, intercept } = fitCalibration(Float32Array.of(0.2, 0.3, 0.7), Float32Array.of(0.6, 0.9, 1.1));
    expect([slope.toFixed(1), intercept.toFixed(1)]).toEqual(['8.6', '-5.5']);
  });
});

describe('the threshold of the equal error rate', () => {
  it('balances the two error rates', () => {
    const rng = new Rng('threshold');
    const [genuine, forged] = [normals(rng, 2000, 0.5, 0.2), normals(rng, 3000, 0.9, 0.2)];
    const { threshold } = equalErrorRate(genuine, forged);
    expect(threshold).toBeCloseTo(0.7, 1);
    expect(Math.abs(farAt(forged, threshold) - frrAt(genuine, threshold))).toBeLessThan(0.001);
  });
});
