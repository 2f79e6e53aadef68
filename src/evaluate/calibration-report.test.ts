import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { fitCalibration, genuineProbability } from './calibration.js';
import { reportCalibration } from './calibration-report.js';
import { fitIsotonic } from './isotonic.js';

const distances = (rng: Rng, count: number, mean: number) =>
  Float64Array.from({ length: count }, () => rng.normal(mean, 0.2));

/** Two normal distributions of one width: the logistic calibration is the right one. */
function twoNormals(seed: number, gap = 0.4) {
  const rng = new Rng(seed);
  return { genuine: distances(rng, 4000, 0.6), forged: distances(rng, 2500, 0.6 + gap) };
}

describe('isotonic regression', () => {
  it('pools what violates the order', () => {
    const blocks = fitIsotonic(Float64Array.of(1, 2, 5), Float64Array.of(3, 4, 6));
    expect(blocks).toEqual([
      { upTo: 2, genuine: 2, forged: 0, probability: 1 },
      { upTo: 5, genuine: 1, forged: 2, probability: 1 / 3 },
      { upTo: 6, genuine: 0, forged: 1, probability: 0 },
    ]);
  });

  it('is the best monotone fit: no other cut into blocks has a smaller squared error', () => {
    const value = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 6 }),
        fc.array(value, { minLength: 1, maxLength: 6 }),
        (g, f) => {
          const error = (probability: (d: number) => number) =>
            g.reduce((sum, d) => sum + (1 - probability(d)) ** 2 / g.length, 0) +
            f.reduce((sum, d) => sum + probability(d) ** 2 / f.length, 0);
          const blocks = fitIsotonic(Float64Array.from(g), Float64Array.from(f));
          const best = error((d) => blocks.find(({ upTo }) => d <= upTo)!.probability);
          for (let cuts = 0; cuts < 2 ** 7; cuts++) {
            // Bit d of `cuts` ends a block behind distance d; blocks whose shares rise are not monotone and do not compete.
            const shares: number[] = [];
            for (let from = 0, to = 0; to < 8; to++) {
              if (to < 7 && ((cuts >> to) & 1) === 0) continue;
              const inside = (d: number) => d >= from && d <= to;
              const own = g.filter(inside).length / g.length;
              const all = own + f.filter(inside).length / f.length;
              for (let d = from; d <= to; d++) shares[d] = all === 0 ? Number.NaN : own / all;
              from = to + 1;
            }
            const seen = shares.filter((share) => !Number.isNaN(share));
            if (seen.some((share, i) => i > 0 && share > seen[i - 1]!)) continue;
            expect(best).toBeLessThanOrEqual(error((d) => shares[d]!) + 1e-9);
          }
        },
      ),
    );
  });
});

describe('the calibration report', () => {
  it('follows its definitions, recomputed pair by pair', () => {
    const { genuine, forged } = twoNormals(1);
    const calibration = { slope: 7, intercept: -5 };
    const report = reportCalibration(genuine, forged, calibration);
    const mean = (values: Float64Array, of: (p: number) => number) =>
      values.reduce((sum, d) => sum + of(genuineProbability(d, calibration)), 0) / values.length;
    expect(report.cllr).toBeCloseTo(
      (mean(genuine, (p) => -Math.log2(p)) + mean(forged, (p) => -Math.log2(1 - p))) / 2,
      9,
    );
    expect(report.brier).toBeCloseTo((mean(genuine, (p) => (1 - p) ** 2) + mean(forged, (p) => p ** 2)) / 2, 9);
    expect(report.reliability.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
    expect(report.reliability.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(6500);
  });

  it('finds a right calibration right, and a wrong one wrong', () => {
    const { genuine, forged } = twoNormals(2);
    const other = twoNormals(3);
    const calibration = fitCalibration(other.genuine, other.forged); // on other pairs
    const right = reportCalibration(genuine, forged, calibration);
    expect(right.cllr - right.minCllr).toBeLessThan(0.01);
    expect(right.ece).toBeLessThan(0.02);
    const wrong = reportCalibration(genuine, forged, { ...calibration, intercept: calibration.intercept + 3 });
    expect(wrong.minCllr).toBe(right.minCllr);
    expect(wrong.cllr - wrong.minCllr).toBeGreaterThan(0.2);
    expect(wrong.ece).toBeGreaterThan(0.1);
  });

  it('says 1 bit of a score that says nothing, 0 of one that separates', () => {
    const { genuine, forged } = twoNormals(4, 0);
    const nothing = reportCalibration(genuine, forged, { slope: 0, intercept: 0 });
    expect(nothing.cllr).toBeCloseTo(1, 9);
    expect(nothing.brier).toBeCloseTo(0.25, 9);
    expect(nothing.ece).toBeCloseTo(0, 9);
    expect(nothing.minCllr).toBeGreaterThan(0.98);
    const apart = reportCalibration(Float64Array.of(0.1, 0.2), Float64Array.of(1, 1.1, Infinity), {
      slope: 100,
      intercept: -60,
    });
    expect(apart.minCllr).toBe(0);
    expect(apart.cllr).toBeLessThan(1e-9);
  });

  it('equals the minimum over all monotone scores: no fitted logistic has a smaller cost', () => {
    const { genuine, forged } = twoNormals(5, 0.1);
    const report = reportCalibration(genuine, forged, fitCalibration(genuine, forged));
    expect(report.minCllr).toBeLessThanOrEqual(report.cllr);
  });
});
