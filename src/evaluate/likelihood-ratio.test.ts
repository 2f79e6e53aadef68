import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { CalibrationBlock } from '../nn/calibration-metadata.js';
import { inWords, isotonicKnots, logLikelihoodRatio } from './likelihood-ratio.js';

const evidence = { from: 0, step: 1, writers: [] };
const block: CalibrationBlock = {
  writers: [],
  references: [
    { count: 1, slope: 10, intercept: -7, evidence },
    { count: 5, slope: 20, intercept: -13, evidence },
  ],
  isotonic: [
    { distance: 0.2, logLikelihoodRatio: 2 },
    { distance: 1.2, logLikelihoodRatio: -1.5 },
  ],
};

describe('log-likelihood ratio', () => {
  it('is the logistic of the number of references, interpolated between two, the last beyond it', () => {
    expect(logLikelihoodRatio(0.6, 1, block)).toBeCloseTo(1 / Math.LN10, 12);
    expect(logLikelihoodRatio(0.6, 5, block)).toBeCloseTo(1 / Math.LN10, 12);
    expect(logLikelihoodRatio(0.5, 3, block)).toBeCloseTo((-15 * 0.5 + 10) / Math.LN10, 12);
    expect(logLikelihoodRatio(0.5, 12, block)).toBe(logLikelihoodRatio(0.5, 5, block));
  });

  it('says no more than the pairs at the ends support', () => {
    expect(logLikelihoodRatio(0, 1, block)).toBe(2);
    expect(logLikelihoodRatio(2, 1, block)).toBe(-1.5);
  });

  it('in words names the side that it speaks for', () => {
    expect(inWords(1)).toBe('10 times more probable if it is genuine than if it is a skilled forgery');
    expect(inWords(-0.5)).toBe('3.2 times more probable if it is a skilled forgery than if it is genuine');
  });
});

describe('isotonic knots', () => {
  it('fall, are finite on separable pairs, and say at most about n to 1 of n pairs', () => {
    const genuine = Float64Array.from({ length: 50 }, (_, i) => 0.1 + i / 1000);
    const knots = isotonicKnots(
      genuine,
      genuine.map((d) => d + 0.5),
    );
    const ratios = knots.map((knot) => knot.logLikelihoodRatio);
    expect(Math.max(...ratios.map(Math.abs))).toBeLessThanOrEqual(Math.log10(51));
    expect(ratios).toEqual([...ratios].sort((a, b) => b - a));
  });

  it('follow the true ratio of two normals', () => {
    const rng = new Rng('two normals');
    const draw = (mean: number) => Float64Array.from({ length: 20_000 }, () => rng.normal(mean, 0.2));
    const knots = isotonicKnots(draw(0.5), draw(0.9));
    for (const { distance, logLikelihoodRatio: said } of knots.filter(({ distance: d }) => d > 0.4 && d < 1)) {
      expect(Math.abs(said - (10 * (0.7 - distance)) / Math.LN10)).toBeLessThan(0.3);
    }
  });
});
