import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import {
  areaUnderCurve,
  equalErrorRate,
  errorCurve,
  farAt,
  frrAt,
  frrAtFar,
  maxBalancedAccuracy,
} from './error-rates.js';

/** Few distinct values, so that ties are common. */
const distances = fc
  .array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 40 })
  .map((d) => Float32Array.from(d));

function normals(seed: string, count: number, mean: number): Float32Array {
  const rng = new Rng(seed);
  return Float32Array.from({ length: count }, () => rng.normal(mean, 1));
}

function naiveAuc(genuine: Float32Array, forged: Float32Array): number {
  let sum = 0;
  for (const g of genuine) for (const f of forged) sum += g < f ? 1 : g === f ? 0.5 : 0;
  return sum / (genuine.length * forged.length);
}

/** Walks along the broken line (FAR, FRR) in small steps and returns the place nearest to FAR = FRR. */
function naiveEer(genuine: Float32Array, forged: Float32Array): number {
  const steps = [-Infinity, ...new Set([...genuine, ...forged].sort((a, b) => a - b))];
  const points = steps.map((t) => [farAt(forged, t), frrAt(genuine, t)] as const);
  let best = { gap: Infinity, eer: Number.NaN };
  for (let i = 1; i < points.length; i++) {
    for (let part = 0; part <= 2000; part++) {
      const at = (axis: 0 | 1) => points[i - 1]![axis] + (part / 2000) * (points[i]![axis] - points[i - 1]![axis]);
      const gap = Math.abs(at(0) - at(1));
      if (gap < best.gap) best = { gap, eer: (at(0) + at(1)) / 2 };
    }
  }
  return best.eer;
}

describe('error rates by hand', () => {
  const genuine = Float32Array.of(1, 2, 3, 6);
  const forged = Float32Array.of(4, 5, 7, 8);

  it('accepts at the threshold itself', () => {
    expect(farAt(forged, 4)).toBe(0.25);
    expect(frrAt(genuine, 3)).toBe(0.25);
    expect(frrAt(genuine, 2.9)).toBe(0.5);
  });

  it('crosses at a point', () => {
    expect(equalErrorRate(genuine, forged)).toEqual({ eer: 0.25, threshold: 4.5 });
  });

  it('interpolates between two points', () => {
    // (FAR, FRR) runs (0, 1/2) at 2, then (1, 1/2) at 3: the line between meets FAR = FRR at 1/2
    expect(equalErrorRate(Float32Array.of(2, 4), Float32Array.of(3)).eer).toBe(0.5);
    // (0, 2/3), then (1/2, 1/3) by a tie at 2: meets at 2/3 - x = 3/2 x ... x = 0.4
    expect(equalErrorRate(Float32Array.of(1, 2, 3), Float32Array.of(2, 4)).eer).toBeCloseTo(0.4, 12);
  });

  it('is 0 for perfect separation, 1 when swapped, 1/2 when all are equal', () => {
    const [near, far] = [Float32Array.of(0.1, 0.2), Float32Array.of(0.5, 0.6, 0.7)];
    expect(equalErrorRate(near, far).eer).toBe(0);
    expect(equalErrorRate(near, far).threshold).toBeCloseTo(0.35);
    expect(equalErrorRate(far, near).eer).toBe(1);
    expect(areaUnderCurve(near, far)).toBe(1);
    expect(areaUnderCurve(far, near)).toBe(0);
    const same = new Float32Array(5);
    expect(equalErrorRate(same, same).eer).toBe(0.5);
    expect(areaUnderCurve(same, same)).toBe(0.5);
    expect(maxBalancedAccuracy(near, far)).toEqual({ balancedAccuracy: 1, threshold: expect.closeTo(0.35) });
    expect(maxBalancedAccuracy(far, near).balancedAccuracy).toBe(0.5);
  });

  it('never accepts +Infinity', () => {
    const failed = Float32Array.of(1, Infinity);
    expect(frrAt(failed, 1e9)).toBe(0.5);
    expect(equalErrorRate(failed, Float32Array.of(2, 3))).toEqual({ eer: 0.5, threshold: 2.5 });
    expect(frrAtFar(failed, Float32Array.of(2, 3), 0.5).falseRejections).toBe(1);
  });

  it('refuses NaN and empty lists', () => {
    expect(() => errorCurve(Float32Array.of(1, Number.NaN), forged)).toThrow(/NaN/);
    expect(() => farAt(new Float32Array(), 1)).toThrow(/forged pair/);
    expect(() => equalErrorRate(new Float32Array(), forged)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('frrAtFar', () => {
  it('gives the FRR where 30 errors stand behind both rates', () => {
    const [genuine, forged] = [normals('g', 4000, 0), normals('f', 4000, 2)];
    const at = frrAtFar(genuine, forged, 0.01);
    const below = [...forged].sort((a, b) => a - b)[40]! - 1e-6; // the 41st forged pair is the first one too many
    expect(at).toEqual({
      targetFar: 0.01,
      frr: frrAt(genuine, below),
      falseAccepts: 40,
      falseRejections: expect.any(Number),
    });
  });

  it('gives null and the reason otherwise', () => {
    const [genuine, forged] = [normals('g', 4000, 0), normals('f', 4000, 2)];
    expect(frrAtFar(genuine, forged, 0.001)).toMatchObject({ frr: null, falseAccepts: 4 });
    expect(frrAtFar(genuine, forged, 0.001).reason).toMatch('4 false accepts of 4000');
    expect(frrAtFar(genuine, normals('f', 4000, 20), 0.01).reason).toMatch('0 false rejections of 4000');
  });

  it('does not exceed the target where distances are tied', () => {
    const forged = Float32Array.from({ length: 1000 }, (_, i) => (i < 50 ? 1 : 2));
    expect(frrAtFar(Float32Array.of(0, 3), forged, 0.04).falseAccepts).toBe(0);
  });
});

describe('properties', () => {
  it('FAR never falls and FRR never rises with the threshold, and both match counting', () => {
    fc.assert(
      fc.property(distances, distances, (genuine, forged) => {
        const { thresholds, far, frr } = errorCurve(genuine, forged);
        expect([far[0], frr[0], far.at(-1), frr.at(-1)]).toEqual([0, 1, 1, 0]);
        for (let i = 1; i < thresholds.length; i++) {
          expect(thresholds[i]!).toBeGreaterThan(thresholds[i - 1]!);
          expect(far[i]! - frr[i]!).toBeGreaterThan(far[i - 1]! - frr[i - 1]!);
          expect(far[i]).toBe(farAt(forged, thresholds[i]!));
          expect(frr[i]).toBe(frrAt(genuine, thresholds[i]!));
        }
      }),
    );
  });

  it('EER and AUC match naive loops', () => {
    fc.assert(
      fc.property(distances, distances, (genuine, forged) => {
        expect(equalErrorRate(genuine, forged).eer).toBeCloseTo(naiveEer(genuine, forged), 3);
        expect(areaUnderCurve(genuine, forged)).toBeCloseTo(naiveAuc(genuine, forged), 10);
      }),
      { numRuns: 40 },
    );
  });

  it('EER and AUC depend only on the order of the distances', () => {
    fc.assert(
      fc.property(distances, distances, (genuine, forged) => {
        const warp = (d: number) => Math.exp(d / 3) - 5;
        const [g, f] = [genuine.map(warp), forged.map(warp)];
        expect(equalErrorRate(g, f).eer).toBe(equalErrorRate(genuine, forged).eer);
        expect(areaUnderCurve(g, f)).toBe(areaUnderCurve(genuine, forged));
      }),
    );
  });

  it('swapping the two lists mirrors EER and AUC', () => {
    fc.assert(
      fc.property(distances, distances, (genuine, forged) => {
        expect(equalErrorRate(forged, genuine).eer).toBeCloseTo(1 - equalErrorRate(genuine, forged).eer, 10);
        expect(areaUnderCurve(forged, genuine)).toBeCloseTo(1 - areaUnderCurve(genuine, forged), 10);
      }),
    );
  });

  it('the EER threshold is where the two rates are nearest', () => {
    fc.assert(
      fc.property(distances, distances, (genuine, forged) => {
        const gap = (t: number) => Math.abs(farAt(forged, t) - frrAt(genuine, t));
        const { threshold } = equalErrorRate(genuine, forged);
        for (const t of [...genuine, ...forged]) expect(gap(threshold)).toBeLessThanOrEqual(gap(t) + 1e-12);
      }),
    );
  });

  it('maximum balanced accuracy matches a loop over all thresholds', () => {
    fc.assert(
      fc.property(distances, distances, (genuine, forged) => {
        const all = [-Infinity, ...genuine, ...forged].map((t) => 1 - (farAt(forged, t) + frrAt(genuine, t)) / 2);
        const { balancedAccuracy, threshold } = maxBalancedAccuracy(genuine, forged);
        expect(balancedAccuracy).toBeCloseTo(Math.max(...all), 12);
        expect(1 - (farAt(forged, threshold) + frrAt(genuine, threshold)) / 2).toBeCloseTo(balancedAccuracy, 12);
      }),
    );
  });
});
