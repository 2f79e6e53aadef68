import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { areaUnderCurve, equalErrorRate } from './error-rates.js';
import { type GroupedDistances, weightedRates } from './weighted-rates.js';

/** Every pair as often as its writer's weight says. */
function expand({ distance, writer }: GroupedDistances, weights: Float64Array): Float32Array {
  return Float32Array.from([...distance].flatMap((d, m) => new Array<number>(weights[writer[m]!]!).fill(d)));
}

describe('weightedRates', () => {
  it('equals the plain rates of the pairs written out, ties and unused writers included', () => {
    const table = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 30 })
      .map((rows) => ({ distance: Float32Array.from(rows, (r) => r[0]), writer: Uint32Array.from(rows, (r) => r[1]) }));
    const drawn = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(table, table, drawn, (genuine, forged, counts) => {
        const weights = Float64Array.from(counts);
        const [g, f] = [expand(genuine, weights), expand(forged, weights)];
        fc.pre(g.length > 0 && f.length > 0);
        const rates = weightedRates(genuine, forged, 4);
        expect(rates.eer(weights)).toBeCloseTo(equalErrorRate(g, f).eer, 12);
        expect(rates.auc(weights)).toBeCloseTo(areaUnderCurve(g, f), 12);
      }),
    );
  });

  it('finds the crossing over many groups of distances', () => {
    const rng = new Rng('many');
    const made = (mean: number): GroupedDistances => ({
      distance: Float32Array.from({ length: 3000 }, () => rng.normal(mean, 1)),
      writer: Uint32Array.from({ length: 3000 }, (_, m) => m % 7),
    });
    for (const shift of [-9, -1, 0, 1, 2, 9]) {
      const [genuine, forged] = [made(0), made(shift)];
      const rates = weightedRates(genuine, forged, 7);
      for (const weights of [Float64Array.of(1, 1, 1, 1, 1, 1, 1), Float64Array.of(0, 2, 0, 1, 3, 0, 1)]) {
        const [g, f] = [expand(genuine, weights), expand(forged, weights)];
        expect(rates.eer(weights)).toBeCloseTo(equalErrorRate(g, f).eer, 12);
        expect(rates.auc(weights)).toBeCloseTo(areaUnderCurve(g, f), 12);
      }
    }
  });

  it('refuses a writer index beyond the list', () => {
    const pair = { distance: Float32Array.of(1), writer: Uint32Array.of(5) };
    expect(() => weightedRates(pair, pair, 5)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
