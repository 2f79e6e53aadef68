import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { detCurve, HISTOGRAM_BINS, histogram } from './curves.js';
import { errorCurve } from './error-rates.js';
import { probit } from './probit.js';

describe('histogram', () => {
  it('counts shares over common bins and leaves +Infinity out', () => {
    const { binWidth, genuine, skilled, random } = histogram(
      Float32Array.of(0, 0.5, 1, Infinity),
      Float32Array.of(HISTOGRAM_BINS, 1.5),
      null,
    );
    expect(binWidth).toBe(1);
    expect(genuine.slice(0, 3)).toEqual([0.5, 0.25, 0]);
    expect([skilled[1], skilled.at(-1), random]).toEqual([0.5, 0.5, null]);
  });
});

describe('detCurve', () => {
  it('keeps every point of a short curve and the ends of any', () => {
    const [genuine, forged] = [Float32Array.of(1, 2, 4), Float32Array.of(3, 5)];
    const { far, frr } = errorCurve(genuine, forged);
    expect(detCurve(genuine, forged)).toEqual({ far: [...far], frr: [...frr] });
  });

  it('thins 20,000 pairs to some hundreds of points, none of the rest more than a pixel away', () => {
    const rng = new Rng(1);
    const list = (mean: number) => Float32Array.from({ length: 10_000 }, () => rng.normal(mean, 1));
    const [genuine, forged] = [list(0), list(2)];
    const thin = detCurve(genuine, forged);
    const full = errorCurve(genuine, forged);
    expect(thin.far.length).toBeLessThan(1000);
    for (let i = 1; i < full.far.length - 1; i += 97) {
      const near = thin.far.some(
        (far, k) =>
          Math.abs(probit(far) - probit(full.far[i]!)) < 0.02 &&
          Math.abs(probit(thin.frr[k]!) - probit(full.frr[i]!)) < 0.02,
      );
      expect(near || full.far[i] === 0 || full.frr[i] === 0).toBe(true);
    }
  });

  it('is a part of the whole curve, in order', () => {
    const list = fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 })
      .map((d) => Float32Array.from(d));
    fc.assert(
      fc.property(list, list, (genuine, forged) => {
        const full = errorCurve(genuine, forged);
        const points = [...full.far.keys()].map((i) => `${full.far[i]} ${full.frr[i]}`);
        const thin = detCurve(genuine, forged);
        const places = thin.far.map((far, i) => points.indexOf(`${far} ${thin.frr[i]}`));
        expect(places.every((place, i) => place > (places[i - 1] ?? -1))).toBe(true);
      }),
    );
  });
});
