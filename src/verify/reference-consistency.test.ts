import { describe, expect, it } from 'vitest';
import { findMisfits, type JudgingModel } from './reference-consistency.js';

/** On the unit circle: embeddings whose distances can be worked out by hand. */
const at = (id: string, degrees: number) => {
  const angle = (degrees * Math.PI) / 180;
  return { id, embedding: new Float32Array([Math.cos(angle), Math.sin(angle)]) };
};
/** Chord of an angle. */
const apart = (degrees: number) => 2 * Math.sin((degrees * Math.PI) / 360);
const model: JudgingModel = {
  id: 'model-1',
  threshold: { value: apart(40), source: 'set by a test' },
  similarity: { slope: 10, intercept: -1 },
};
const misfits = (known: ReturnType<typeof at>[], added: ReturnType<typeof at>[]) => [
  ...findMisfits(known, added, model).keys(),
];

describe('a new reference', () => {
  it('fits where it has nothing to be held against', () => {
    expect(misfits([], [at('a', 0)])).toEqual([]);
  });

  it('fits up to the threshold, by its mean distance to the others', () => {
    expect(misfits([at('a', 0), at('b', 10)], [at('c', 20)])).toEqual([]);
    const doubt = findMisfits([at('a', 0), at('b', 10)], [at('c', 60)], model).get('c')!;
    expect(doubt.distance).toBeCloseTo((apart(60) + apart(50)) / 2, 6);
    expect(doubt.distances).toEqual({ a: expect.closeTo(apart(60), 6), b: expect.closeTo(apart(50), 6) });
    expect(doubt).toMatchObject({ modelId: 'model-1', threshold: model.threshold.value, logLikelihoodRatio: null });
    expect(doubt.reason).toBe(
      "It does not fit the writer's other references: distance 0.923 to 2 of them, over the threshold 0.684.",
    );
  });

  it('alone is questioned, and not those that it does not fit', () => {
    // With the stray among its others, each of the first two would be over the threshold as well.
    expect((apart(120) + apart(10)) / 2).toBeGreaterThan(model.threshold.value);
    expect(misfits([], [at('a', 0), at('b', 10), at('stray', 120)])).toEqual(['stray']);
  });

  it('is questioned where it is the other one that strays, unless that one was known', () => {
    expect(misfits([], [at('a', 0), at('b', 90)]).sort()).toEqual(['a', 'b']);
    expect(misfits([at('a', 0)], [at('b', 90)])).toEqual(['b']);
  });

  it('is found with another that strays elsewhere', () => {
    expect(misfits([], [at('a', 0), at('x', 90), at('b', 5), at('y', 200), at('c', 10)]).sort()).toEqual(['x', 'y']);
  });

  it('is judged by the calibration where the model has one', () => {
    // Of one reference, ln LR = -(10 d - 5): even at distance 0.5. Of two, at 0.3, by energy.
    const evidence = { distances: [0], questioned: { genuine: 0, skilled: 0, random: 0 }, writers: [] };
    const calibration = {
      writers: [],
      fusion: 'energy' as const,
      references: [
        { count: 1, slope: 10, intercept: -5, evidence },
        { count: 2, slope: 10, intercept: -3, evidence },
      ],
      logLikelihoodRatio: { low: -2, high: 2 },
    };
    const by = (degrees: number) => findMisfits([at('a', 0)], [at('b', degrees)], { ...model, calibration }).get('b');
    expect(apart(28)).toBeLessThan(0.5);
    expect(by(28)).toBeUndefined();
    expect(apart(30)).toBeGreaterThan(0.5);
    expect(by(30)!.logLikelihoodRatio).toBeCloseTo(-(10 * apart(30) - 5) / Math.LN10, 6);
    expect(by(30)).toMatchObject({ threshold: null, reason: expect.stringContaining('a skilled forgery') });

    const known = [at('a', 0), at('b', 10)];
    const fused = (degrees: number) => (apart(degrees) + apart(degrees - 10)) / 2 - apart(10) / 2;
    expect(fused(26)).toBeLessThan(0.3);
    expect(fused(28)).toBeGreaterThan(0.3);
    const ofTwo = (degrees: number) => findMisfits(known, [at('c', degrees)], { ...model, calibration }).get('c');
    expect(ofTwo(26)).toBeUndefined();
    expect(ofTwo(28)!.distance).toBeCloseTo(fused(28), 6);
  });
});
