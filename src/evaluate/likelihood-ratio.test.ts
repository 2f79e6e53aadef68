import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { CalibrationBlock } from '../nn/calibration-metadata.js';
import { inWords, logLikelihoodRatio, logLikelihoodRatioBounds } from './likelihood-ratio.js';

const evidence = { distances: [0], questioned: { genuine: 0, skilled: 0, random: 0 }, writers: [] };
const block: CalibrationBlock = {
  writers: [],
  fusion: 'mean',
  references: [
    { count: 1, slope: 10, intercept: -7, evidence },
    { count: 5, slope: 20, intercept: -13, evidence },
  ],
  logLikelihoodRatio: { low: -1.5, high: 2 },
};

describe('log-likelihood ratio', () => {
  it('is the logistic of the number of references, interpolated between two, the last beyond it', () => {
    expect(logLikelihoodRatio(0.6, 1, block)).toBeCloseTo(1 / Math.LN10, 12);
    expect(logLikelihoodRatio(0.6, 5, block)).toBeCloseTo(1 / Math.LN10, 12);
    expect(logLikelihoodRatio(0.5, 3, block)).toBeCloseTo((-15 * 0.5 + 10) / Math.LN10, 12);
    expect(logLikelihoodRatio(0.5, 12, block)).toBe(logLikelihoodRatio(0.5, 5, block));
  });

  it('says no more than the signatures support', () => {
    expect(logLikelihoodRatio(0, 1, block)).toBe(2);
    expect(logLikelihoodRatio(2, 1, block)).toBe(-1.5);
  });

  it('in words names the side that it speaks for', () => {
    expect(inWords(1)).toBe('10 times more probable if it is genuine than if it is a skilled forgery');
    expect(inWords(-0.5)).toBe('3.2 times more probable if it is a skilled forgery than if it is genuine');
  });
});

describe('the bounds of the ratio', () => {
  /** `signatures` around `mean`, each questioned by `pairsEach` pairs. */
  const table = (mean: number, signatures: number, pairsEach: number, spread = 0.01) => {
    const rng = new Rng(`table ${mean}`);
    const distance = Float64Array.from({ length: signatures * pairsEach }, () => rng.normal(mean, spread));
    const questioned = Uint32Array.from(distance, (_, m) => Math.floor(m / pairsEach));
    return { distance, questioned, writer: questioned };
  };

  it.each([1, 20])('of separable signatures are n + 1 to 1 by %i pairs each', (pairsEach) => {
    const { low, high } = logLikelihoodRatioBounds(table(0.1, 50, pairsEach), table(0.9, 80, pairsEach));
    expect(high).toBeCloseTo(Math.log10(81 * (50 / 51)), 9); // 80 forgeries and the one added; 50 of 51 genuine ones
    expect(low).toBeCloseTo(-Math.log10(51 * (80 / 81)), 9);
  });

  it('are narrow where the classes overlap', () => {
    const { low, high } = logLikelihoodRatioBounds(table(0.5, 2000, 1, 0.2), table(0.55, 2000, 1, 0.2));
    expect(high).toBeLessThan(1.5);
    expect(low).toBeGreaterThan(-1.5);
    expect(high).toBeGreaterThan(0);
    expect(low).toBeLessThan(0);
  });
});
