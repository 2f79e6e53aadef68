import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../core/rng.js';
import { errorCurves } from '../../evaluate/error-curves.js';
import { forReferences, gatherEvidence, type QuestionedDistances } from '../../evaluate/evidence.js';
import { evidenceScale, pairsOfCurve, pairsOfEvidence, standingInWords, standingOf } from './scale.js';

const WRITERS = 12;
const rng = new Rng('scale');

/** Pairs about a distance. */
function around(centre: number, spread: number, count: number): QuestionedDistances {
  return {
    distance: Float64Array.from({ length: count }, () => Math.max(0.01, rng.normal(centre, spread))),
    writer: Uint32Array.from({ length: count }, (_, i) => i % WRITERS),
    questioned: Uint32Array.from({ length: count }, (_, i) => i),
  };
}

const known = { genuine: around(0.5, 0.15, 3000), skilled: around(0.95, 0.2, 3000), random: around(1.3, 0.1, 3000) };
const evidence = gatherEvidence(known, WRITERS);
const pairs = pairsOfEvidence(evidence);
const shareBelow = ({ distance }: QuestionedDistances, limit: number) =>
  distance.filter((d) => d <= limit).length / distance.length;

describe('where a distance lies', () => {
  it('is what counting the pairs gives', () => {
    for (const distance of [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.6]) {
      const { genuineFarther, skilledAsClose, randomAsClose } = standingOf(pairs, distance);
      expect(genuineFarther).toBeCloseTo(1 - shareBelow(known.genuine, distance), 1);
      expect(skilledAsClose).toBeCloseTo(shareBelow(known.skilled, distance), 1);
      expect(randomAsClose).toBeCloseTo(shareBelow(known.random, distance), 1);
    }
    for (const distance of evidence.distances) {
      expect(standingOf(pairs, distance).skilledAsClose).toBeCloseTo(shareBelow(known.skilled, distance), 12);
    }
  });

  it('is the same from what the service says of the model', () => {
    const logistic = { slope: 1, intercept: 0 };
    const [curve] = errorCurves({ references: [{ count: 1, ...logistic, evidence }] });
    const said = pairsOfCurve(curve!);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2, noNaN: true }), (distance) => {
        const [one, other] = [standingOf(pairs, distance), standingOf(said, distance)];
        for (const key of ['genuineFarther', 'skilledAsClose', 'randomAsClose'] as const) {
          expect(one[key]).toBeCloseTo(other[key], 9);
        }
      }),
      { seed: 1 },
    );
  });

  it('never says of a greater distance that it is closer', () => {
    const distance = fc.double({ min: 0, max: 2, noNaN: true });
    fc.assert(
      fc.property(distance, distance, (a, b) => {
        const [near, far] = [standingOf(pairs, Math.min(a, b)), standingOf(pairs, Math.max(a, b))];
        expect(near.genuineFarther).toBeGreaterThanOrEqual(far.genuineFarther);
        expect(near.skilledAsClose).toBeLessThanOrEqual(far.skilledAsClose);
      }),
      { seed: 1 },
    );
  });

  it.each([
    [
      { genuineFarther: 0.818, skilledAsClose: 0.03 },
      'Closer than 82 % of genuine pairs; 3 % of skilled forgeries come as close.',
    ],
    [{ genuineFarther: 1, skilledAsClose: 0 }, 'Closer than any genuine pair; no skilled forgery comes as close.'],
    [
      { genuineFarther: 0.998, skilledAsClose: 0.002 },
      'Closer than over 99 % of genuine pairs; under 1 % of skilled forgeries come as close.',
    ],
    [
      { genuineFarther: 0.03, skilledAsClose: 0.7 },
      'Farther apart than 97 % of genuine pairs; 70 % of skilled forgeries come as close.',
    ],
    [
      { genuineFarther: 0, skilledAsClose: 0.7 },
      'Farther apart than any genuine pair; 70 % of skilled forgeries come as close.',
    ],
  ])('is said in words', (standing, words) => {
    expect(standingInWords({ ...standing, randomAsClose: 0 })).toBe(words);
  });
});

describe('the scale', () => {
  const scale = evidenceScale(pairs, 200);

  it('holds every pair once', () => {
    for (const kind of ['genuine', 'skilled', 'random'] as const) {
      const area = scale.bands.reduce((sum, band) => sum + band[kind], 0) * (scale.upTo / 200);
      expect(area).toBeCloseTo(1, 1);
    }
    expect(scale.highest).toBe(Math.max(...scale.bands.map(({ random }) => random)));
    expect(scale.bands[0]!.distance).toBe(0);
    expect(scale.bands.at(-1)!.distance).toBeCloseTo(scale.upTo, 12);
  });

  it('is highest where most pairs lie, as a histogram of them is', () => {
    for (const kind of ['genuine', 'skilled', 'random'] as const) {
      const peak = scale.bands.reduce((best, band) => (band[kind] > best[kind] ? band : best));
      const width = 0.06 * scale.upTo;
      const { distance } = known[kind];
      const near = distance.filter((d) => Math.abs(d - peak.distance) <= width / 2).length;
      expect(peak[kind]).toBeCloseTo(near / distance.length / width, 0);
    }
  });
});

describe('forReferences', () => {
  it('takes the calibration for so many, or the next fewer', () => {
    const fits = [1, 2, 5].map((count) => ({ count }));
    const chosen = (references: number) => forReferences(fits, references, ({ count }) => count).count;
    expect([1, 2, 3, 4, 5, 9].map(chosen)).toEqual([1, 2, 2, 2, 5, 5]);
  });
});
