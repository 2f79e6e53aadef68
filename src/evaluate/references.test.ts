import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { equalErrorRate } from './error-rates.js';
import { type EmbeddedSamples, genuinePairs, randomForgeryPairs, skilledForgeryPairs } from './pairs.js';
import { evaluateReferenceSets } from './references.js';

/** One writer on a line: genuine signatures and forgeries at the given places. */
function onLine(genuine: number[], forged: number[]): EmbeddedSamples {
  const sample = (kind: 'genuine' | 'forged') => (_: number, i: number) => ({
    id: `${kind}${i}`,
    writer: 'w',
    identity: 'w',
    kind,
  });
  return {
    samples: [...genuine.map(sample('genuine')), ...forged.map(sample('forged'))],
    embeddings: Float32Array.from([...genuine, ...forged]),
    dimension: 1,
  };
}

/** Writers with 12 genuine signatures and 6 forgeries each, around centres of their own in the plane. */
function inPlane(writers: number): EmbeddedSamples {
  const rng = new Rng('plane');
  const samples: EmbeddedSamples['samples'][number][] = [];
  const rows: number[] = [];
  for (let w = 0; w < writers; w++) {
    const centre = [rng.normal(0, 4), rng.normal(0, 4)];
    for (let i = 0; i < 18; i++) {
      const kind = i < 12 ? 'genuine' : 'forged';
      rows.push(...centre.map((c) => c + rng.normal(0, kind === 'genuine' ? 0.5 : 1.5)));
      samples.push({ id: `w${w}/${i}`, writer: `w${w}`, identity: `w${w}`, kind });
    }
  }
  return { samples, embeddings: Float32Array.from(rows), dimension: 2 };
}

describe('evaluateReferenceSets', () => {
  const options = { counts: [2], draws: 20, threshold: 3, rng: new Rng(1) };
  const byFusion = (embedded: EmbeddedSamples, more: Partial<typeof options> = {}) =>
    Object.fromEntries(evaluateReferenceSets(embedded, { ...options, ...more }).map((row) => [row.fusion, row]));

  it('decides by the mean distance to the references', () => {
    // any two references of 0, 1, 2 are at mean distance <= 1.5 of the third; the forgeries at 8 or more, 4 or more
    expect(byFusion(onLine([0, 1, 2], [10, 6])).mean).toEqual({
      count: 2,
      fusion: 'mean',
      draws: 20,
      frrMean: 0,
      skilled: { farMean: 0, eerMean: 0, eerDeviation: 0, perWriterEerMean: 0 },
      random: null,
      questioned: { genuine: 1, skilled: 2, random: 0 },
    });
  });

  it('a forgery at one reference, far from the other, has mean 2 and minimum 0', () => {
    const { mean, min } = byFusion(onLine([0, 4, 2], [0, 4]), { threshold: 1.9 });
    expect(mean!.skilled.farMean).toBeLessThan(0.5); // distances 0 and 4 from 0 and 4, so only draws with 2 accept
    expect(min!.skilled.farMean).toBeGreaterThan(0.5);
  });

  it('says no rate at a threshold for one reference where the fusion leaves the scale', () => {
    const { energy } = byFusion(onLine([0, 1, 2], [10, 6]));
    expect([energy!.frrMean, energy!.skilled.farMean, energy!.skilled.eerMean]).toEqual([null, null, 0]);
  });

  it('measures with one reference what all pairs measure, up to the drawing', () => {
    const embedded = inPlane(20);
    const [row, ...others] = evaluateReferenceSets(embedded, { ...options, counts: [1], draws: 60 });
    expect(others).toEqual([]);
    const genuine = genuinePairs(embedded).distance;
    const pairwise = (forged: Float32Array) => equalErrorRate(genuine, forged).eer;
    expect(Math.abs(row!.skilled.eerMean - pairwise(skilledForgeryPairs(embedded).distance))).toBeLessThan(0.01);
    const random = pairwise(randomForgeryPairs(embedded, new Rng(2)).distance);
    expect(Math.abs(row!.random!.eerMean - random)).toBeLessThan(0.01);
    expect(row!.questioned).toEqual({ genuine: 20 * 11, skilled: 20 * 6, random: 20 * 19 });
  });

  it("grows surer with more references, by every fusion, and with a threshold of each writer's own", () => {
    const rows = evaluateReferenceSets(inPlane(20), { ...options, counts: [1, 3, 10] });
    expect(rows.map(({ count, fusion }) => `${count} ${fusion}`)).toEqual([
      '1 mean',
      ...[3, 10].flatMap((k) => [`${k} mean`, `${k} min`, `${k} energy`]),
    ]);
    const one = rows[0]!.skilled.eerMean;
    for (const { skilled } of rows.slice(1)) expect(skilled.eerMean).toBeLessThan(one);
    for (const { skilled } of rows) expect(skilled.perWriterEerMean).toBeLessThan(skilled.eerMean + 0.01);
  });

  it('leaves out exact duplicates of a reference', () => {
    expect(byFusion(onLine([0, 0, 0], [5]))).toEqual({});
    const threefold = onLine([0, 0, 0, 1, 1, 1], [5]); // one reference: its two duplicates go, three others stay
    expect(byFusion(threefold, { counts: [1] }).mean!.questioned.genuine).toBe(3);
  });

  it('counts a questioned genuine signature without an embedding as rejected', () => {
    const { samples, embeddings } = onLine([0, 1, 2, 3], [90]);
    // the last row moves to the front of the forgeries: give the fourth genuine sample no row by listing it last
    const order = [0, 1, 2, 4, 3];
    const embedded = {
      samples: order.map((i) => samples[i]!),
      embeddings: Float32Array.from(order.slice(0, 4), (i) => embeddings[i]!),
      dimension: 1,
    };
    const { mean } = byFusion(embedded);
    expect(mean!.questioned.genuine).toBe(2);
    expect(mean!.frrMean).toBe(0.5);
  });

  it('skips a number of references that no writer can give', () => {
    expect(evaluateReferenceSets(onLine([0, 1], [5]), { ...options, counts: [1, 2, 5] })).toHaveLength(1);
  });
});
