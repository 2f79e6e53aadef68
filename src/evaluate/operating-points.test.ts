/** Thresholds and rates recomputed from the distances themselves, on made-up writers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { equalErrorRate } from './error-rates.js';
import { acceptedAt, gatherEvidence, type PairsByKind } from './evidence.js';
import { checkPromises } from './kept-promises.js';
import { equalErrorThreshold, operatingPoint, thresholdForFar, thresholdForFrr } from './operating-points.js';

/** Writers whose distances are normal around means that differ from writer to writer by `spread`. */
function madeUp(writers: number, { pairs = 200, spread = 0.02, forged = 0.9, seed = 'made up' } = {}): PairsByKind {
  const rng = new Rng(seed);
  const table = (mean: number) => {
    const distance = new Float64Array(writers * pairs);
    const writer = new Uint32Array(writers * pairs);
    const questioned = Uint32Array.from(writer, (_, m) => m);
    for (let w = 0; w < writers; w++) {
      const own = rng.normal(mean, spread);
      for (let i = 0; i < pairs; i++) {
        distance[w * pairs + i] = Math.abs(rng.normal(own, 0.1));
        writer[w * pairs + i] = w;
      }
    }
    return { distance, writer, questioned };
  };
  return { genuine: table(0.6), skilled: table(forged), random: table(1.2) };
}

const share = (distances: ArrayLike<number>, within: (d: number) => boolean) =>
  Array.from(distances).filter(within).length / distances.length;

describe('evidence', () => {
  it('counts the pairs of every writer exactly at the points of its grid', () => {
    const pairs = madeUp(5, { pairs: 40 });
    const evidence = gatherEvidence(pairs, 5);
    for (const kind of ['genuine', 'skilled', 'random'] as const) {
      for (const [w, { [kind]: accepted }] of evidence.writers.entries()) {
        const own = pairs[kind].distance.filter((_, m) => pairs[kind].writer[m] === w);
        expect(accepted.at(-1)).toBe(own.length);
        expect(accepted).toEqual(evidence.distances.map((point) => own.filter((d) => d <= point).length));
      }
    }
  });

  it('never falls with the threshold: nothing below the grid, everything above it', () => {
    const evidence = gatherEvidence(madeUp(2, { pairs: 30 }), 2);
    const { genuine } = evidence.writers[0]!;
    const threshold = fc.double({ min: -1, max: 3, noNaN: true });
    fc.assert(
      fc.property(threshold, threshold, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(acceptedAt(genuine, low, evidence)).toBeLessThanOrEqual(acceptedAt(genuine, high, evidence));
      }),
    );
    expect([acceptedAt(genuine, -1, evidence), acceptedAt(genuine, Infinity, evidence)]).toEqual([0, 30]);
  });

  it('of pairs at one distance accepts them all there', () => {
    const [distance, writer] = [Float64Array.of(0.5, 0.5), Uint32Array.of(0, 1)];
    const same = { distance, writer, questioned: writer };
    const evidence = gatherEvidence({ genuine: same, skilled: same, random: same }, 2);
    expect(acceptedAt(evidence.writers[1]!.skilled, 0.5, evidence)).toBe(1);
    expect(acceptedAt(evidence.writers[1]!.skilled, 0.49, evidence)).toBe(0);
  });
});

describe('an operating point', () => {
  const pairs = madeUp(40, { forged: 0.8 });
  const fit = { count: 1, evidence: gatherEvidence(pairs, 40) };

  it('has the rates that were asked for, counted on the distances', () => {
    for (const target of [0.02, 0.05, 0.1]) {
      const far = thresholdForFar(fit, 'skilled', target);
      expect(far.unsupported).toBeNull();
      expect(far.expected.value).toBeCloseTo(target, 6);
      expect(share(pairs.skilled.distance, (d) => d <= far.threshold)).toBeCloseTo(target, 6);
      const frr = thresholdForFrr(fit, target);
      expect(frr.expected.value).toBeCloseTo(target, 6);
      expect(share(pairs.genuine.distance, (d) => d > frr.threshold)).toBeCloseTo(target, 6);
      expect(frr.expected.interval.low).toBeLessThan(target);
      expect(frr.expected.interval.high).toBeGreaterThan(target);
    }
  });

  it('exceeds no rate, whatever the target and however far an outlier lies', () => {
    const far = { ...pairs.random, distance: pairs.random.distance.map((d, m) => (m === 0 ? 1000 : d)) };
    const outlier = { count: 1, evidence: gatherEvidence({ ...pairs, random: far }, 40) };
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 0.999, noNaN: true }), (target) => {
        for (const kind of ['skilled', 'random'] as const) {
          const { threshold, expected } = thresholdForFar(outlier, kind, target);
          const accepted = share((kind === 'random' ? far : pairs[kind]).distance, (d) => d <= threshold);
          expect(accepted).toBeLessThanOrEqual(target);
          expect(expected.value).toBeCloseTo(accepted, 12);
        }
        const { threshold } = thresholdForFrr(outlier, target);
        expect(share(pairs.genuine.distance, (d) => d > threshold)).toBeLessThanOrEqual(target);
      }),
      { numRuns: 15 },
    );
    const { expected } = thresholdForFar(outlier, 'skilled', 0.05);
    expect(expected.value).toBeCloseTo(0.05, 6);
  });

  it('accepts, reviews and rejects all that there is', () => {
    const point = operatingPoint(fit, { far: 0.05, frr: 0.02, forgeries: 'skilled' });
    const { acceptUpTo, rejectAbove } = point;
    expect(acceptUpTo).toBeLessThan(rejectAbove);
    const reviewed = share(pairs.genuine.distance, (d) => d > acceptUpTo && d <= rejectAbove);
    expect(point.genuineReview.value).toBeCloseTo(reviewed, 2);
    const forged = share(pairs.skilled.distance, (d) => d > acceptUpTo && d <= rejectAbove);
    expect(point.forgedReview.value).toBeCloseTo(forged, 2);
  });

  it('has one threshold and no review where one meets both targets, with room on both sides', () => {
    const point = operatingPoint(fit, { far: 0.05, frr: 0.05, forgeries: 'random' });
    expect(point.acceptUpTo).toBe(point.rejectAbove);
    expect(point.far.value).toBeLessThan(0.05);
    expect(point.frr.value).toBeLessThan(0.05);
    expect([point.genuineReview.value, point.forgedReview.value]).toEqual([0, 0]);
  });

  it('for one rate alone cuts once', () => {
    const { acceptUpTo, rejectAbove } = operatingPoint(fit, { frr: 0.05, forgeries: 'skilled' });
    expect(acceptUpTo).toBe(rejectAbove);
    expect(acceptUpTo).toBe(thresholdForFrr(fit, 0.05).threshold);
  });

  it('has the same interval every time', () => {
    expect(thresholdForFar(fit, 'skilled', 0.05)).toEqual(thresholdForFar(fit, 'skilled', 0.05));
  });

  it.each([
    ['too few writers', 19, {}, 0.05, /19 calibration writers; at least 20/],
    [
      'fewer than 30 errors',
      25,
      { pairs: 100 },
      0.01,
      /FAR 1 % with one reference is 25 of 2500 skilled forgeries of the calibration; at least 30/,
    ],
    [
      'writers who are too different',
      25,
      { spread: 0.12 },
      0.02,
      /so different are the 25 calibration writers.* about \d+ writers/,
    ],
  ])('is refused for %s, with the reason', (_what, writers, options, far, reason) => {
    const poor = { count: 1, evidence: gatherEvidence(madeUp(writers, options), writers) };
    expect(thresholdForFar(poor, 'skilled', far).unsupported).toMatch(reason);
    const refused = () => operatingPoint(poor, { far, forgeries: 'skilled' });
    expect(refused).toThrow(
      expect.objectContaining({ code: 'TARGET_UNSUPPORTED', message: expect.stringMatching(reason) }),
    );
  });

  it('counts a signature once, by however many pairs it is questioned', () => {
    const oncePerWriter = { ...pairs.skilled, questioned: pairs.skilled.questioned.map((m) => Math.floor(m / 200)) };
    const repeated = { count: 3, evidence: gatherEvidence({ ...pairs, skilled: oncePerWriter }, 40) };
    expect(thresholdForFar(repeated, 'skilled', 0.5).unsupported).toBe(
      'FAR 50 % with 3 references is 20 of 40 skilled forgeries of the calibration; at least 30 are needed',
    );
  });

  it('is refused for rates that are none', () => {
    for (const target of [{}, { far: 0 }, { far: 1 }, { frr: -0.1 }, { far: Number.NaN }]) {
      const refused = () => operatingPoint(fit, { ...target, forgeries: 'skilled' });
      expect(refused).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});

describe('promises', () => {
  const fit = { count: 1, evidence: gatherEvidence(madeUp(40), 40) };
  const check = (seed: string, forged: number) => {
    const { skilled } = madeUp(40, { seed, forged });
    return { skilled, kept: checkPromises(fit, skilled, { writerCount: 40, rng: new Rng(1) }) };
  };

  it('are kept on other writers of the same kind, counted by hand', () => {
    const { skilled, kept } = check('others', 0.9);
    for (const { threshold, realised, withinFactorOfTwo } of kept) {
      expect(realised.errors).toBe(Array.from(skilled.distance).filter((d) => d <= threshold).length);
      expect(realised.value).toBe(realised.errors / 8000);
      expect(realised.interval!.low).toBeLessThan(realised.value);
      expect(withinFactorOfTwo).toBe(true);
    }
  });

  it('are broken where forgeries are closer than those of the calibration', () => {
    expect(check('better forgers', 0.75).kept.map(({ withinFactorOfTwo }) => withinFactorOfTwo)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('the threshold of equal errors', () => {
  it('is that of the distances themselves, up to the grid', () => {
    for (const forged of [0.7, 0.9, 1.1]) {
      const pairs = madeUp(30, { forged });
      const threshold = equalErrorThreshold({ count: 3, evidence: gatherEvidence(pairs, 30) });
      const far = share(pairs.skilled.distance, (d) => d <= threshold);
      const frr = share(pairs.genuine.distance, (d) => d > threshold);
      const { eer } = equalErrorRate(pairs.genuine.distance, pairs.skilled.distance);
      for (const rate of [far, frr]) expect(Math.abs(rate - eer)).toBeLessThan(0.01);
    }
  });

  it('lies on the grid where all distances are one', () => {
    const [distance, writer] = [Float64Array.of(0.5), Uint32Array.of(0)];
    const same = { distance, writer, questioned: writer };
    const evidence = gatherEvidence({ genuine: same, skilled: same, random: same }, 1);
    expect(equalErrorThreshold({ count: 1, evidence })).toBe(0.5);
  });
});
