/** Thresholds and rates recomputed from the distances themselves, on made-up writers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { acceptedAt, gatherEvidence, type PairsByKind } from './evidence.js';
import { checkPromises } from './kept-promises.js';
import { operatingPoint, thresholdForFar, thresholdForFrr } from './operating-points.js';

/** Writers whose distances are normal around means that differ from writer to writer by `spread`. */
function madeUp(writers: number, { pairs = 200, spread = 0.02, forged = 0.9, seed = 'made up' } = {}): PairsByKind {
  const rng = new Rng(seed);
  const table = (mean: number) => {
    const distance = new Float64Array(writers * pairs);
    const writer = new Uint32Array(writers * pairs);
    for (let w = 0; w < writers; w++) {
      const own = rng.normal(mean, spread);
      for (let i = 0; i < pairs; i++) {
        distance[w * pairs + i] = Math.abs(rng.normal(own, 0.1));
        writer[w * pairs + i] = w;
      }
    }
    return { distance, writer };
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
        accepted.slice(0, -1).forEach((count, i) => {
          const point = evidence.from + i * evidence.step;
          expect(Math.abs(count - own.filter((d) => d <= point).length)).toBeLessThanOrEqual(i === 0 ? 1 : 0);
        });
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
    const same = { distance: Float64Array.of(0.5, 0.5), writer: Uint32Array.of(0, 1) };
    const evidence = gatherEvidence({ genuine: same, skilled: same, random: same }, 2);
    expect(acceptedAt(evidence.writers[1]!.skilled, 0.5, evidence)).toBe(1);
    expect(acceptedAt(evidence.writers[1]!.skilled, 0.49, evidence)).toBe(0);
  });
});

describe('an operating point', () => {
  const pairs = madeUp(40, { forged: 0.8 });
  const evidence = gatherEvidence(pairs, 40);

  it('has the rates that were asked for, counted on the distances', () => {
    for (const target of [0.02, 0.05, 0.1]) {
      const far = thresholdForFar(evidence, 'skilled', target);
      expect(far.unsupported).toBeNull();
      expect(far.expected.value).toBeCloseTo(target, 6);
      expect(share(pairs.skilled.distance, (d) => d <= far.threshold) / target).toBeCloseTo(1, 0);
      const frr = thresholdForFrr(evidence, target);
      expect(share(pairs.genuine.distance, (d) => d > frr.threshold) / target).toBeCloseTo(1, 0);
      expect(frr.expected.interval.low).toBeLessThan(target);
      expect(frr.expected.interval.high).toBeGreaterThan(target);
    }
  });

  it('accepts, reviews and rejects all that there is', () => {
    const point = operatingPoint(evidence, { far: 0.05, frr: 0.02, forgeries: 'skilled' });
    const { acceptUpTo, rejectAbove } = point;
    expect(acceptUpTo).toBeLessThan(rejectAbove);
    const reviewed = share(pairs.genuine.distance, (d) => d > acceptUpTo && d <= rejectAbove);
    expect(point.genuineReview.value).toBeCloseTo(reviewed, 2);
    const forged = share(pairs.skilled.distance, (d) => d > acceptUpTo && d <= rejectAbove);
    expect(point.forgedReview.value).toBeCloseTo(forged, 2);
  });

  it('has one threshold and no review where one meets both targets, with room on both sides', () => {
    const point = operatingPoint(evidence, { far: 0.05, frr: 0.05, forgeries: 'random' });
    expect(point.acceptUpTo).toBe(point.rejectAbove);
    expect(point.far.value).toBeLessThan(0.05);
    expect(point.frr.value).toBeLessThan(0.05);
    expect([point.genuineReview.value, point.forgedReview.value]).toEqual([0, 0]);
  });

  it('for one rate alone cuts once', () => {
    const { acceptUpTo, rejectAbove } = operatingPoint(evidence, { frr: 0.05, forgeries: 'skilled' });
    expect(acceptUpTo).toBe(rejectAbove);
    expect(acceptUpTo).toBe(thresholdForFrr(evidence, 0.05).threshold);
  });

  it('has the same interval every time', () => {
    expect(thresholdForFar(evidence, 'skilled', 0.05)).toEqual(thresholdForFar(evidence, 'skilled', 0.05));
  });

  it.each([
    ['too few writers', 19, {}, 0.05, /19 calibration writers; at least 20/],
    [
      'fewer than 30 errors',
      25,
      { pairs: 100 },
      0.01,
      /25 errors in 2500 skilled pairs of the calibration; at least 30/,
    ],
    [
      'writers who are too different',
      25,
      { spread: 0.12 },
      0.02,
      /so different are the 25 calibration writers.* about \d+ writers/,
    ],
  ])('is refused for %s, with the reason', (_what, writers, options, far, reason) => {
    const poor = gatherEvidence(madeUp(writers, options), writers);
    expect(thresholdForFar(poor, 'skilled', far).unsupported).toMatch(reason);
    const refused = () => operatingPoint(poor, { far, forgeries: 'skilled' });
    expect(refused).toThrow(
      expect.objectContaining({ code: 'TARGET_UNSUPPORTED', message: expect.stringMatching(reason) }),
    );
  });

  it('is refused for rates that are none', () => {
    for (const target of [{}, { far: 0 }, { far: 1 }, { frr: -0.1 }, { far: Number.NaN }]) {
      const refused = () => operatingPoint(evidence, { ...target, forgeries: 'skilled' });
      expect(refused).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});

describe('promises', () => {
  const evidence = gatherEvidence(madeUp(40), 40);
  const check = (seed: string, forged: number) => {
    const { skilled } = madeUp(40, { seed, forged });
    return { skilled, kept: checkPromises(evidence, skilled, { writerCount: 40, rng: new Rng(1) }) };
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
