import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { EmbeddedSamples } from './pairs.js';
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

describe('evaluateReferenceSets', () => {
  const options = { count: 2, draws: 20, threshold: 3, rng: new Rng(1) };

  it('decides by the mean distance to the references', () => {
    // any two references of 0, 1, 2 are at mean distance <= 1.5 of the third; the forgeries at 8 or more, 4 or more
    expect(evaluateReferenceSets(onLine([0, 1, 2], [10, 6]), options)).toEqual({
      count: 2,
      fusion: 'mean',
      draws: 20,
      eerMean: 0,
      eerDeviation: 0,
      farMean: 0,
      frrMean: 0,
      genuineQuestioned: 1,
      forgedQuestioned: 2,
    });
  });

  it('takes the mean, not the minimum: a forgery at one reference, far from the other, has their mean', () => {
    const report = evaluateReferenceSets(onLine([0, 4, 2], [0, 4]), { ...options, threshold: 1.9 })!;
    expect(report.farMean).toBeLessThan(0.5); // mean distance 2 from both of 0 and 4, so only draws with 2 accept
    expect(evaluateReferenceSets(onLine([0, 4, 2], [0, 4]), { ...options, threshold: 1 })!.farMean).toBeLessThanOrEqual(
      0.5,
    );
  });

  it('leaves out exact duplicates of a reference', () => {
    expect(evaluateReferenceSets(onLine([0, 0, 0], [5]), options)).toBeNull();
    const threefold = onLine([0, 0, 0, 1, 1, 1], [5]); // one reference: its two duplicates go, three others stay
    expect(evaluateReferenceSets(threefold, { ...options, count: 1 })!.genuineQuestioned).toBe(3);
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
    const report = evaluateReferenceSets(embedded, options)!;
    expect(report.genuineQuestioned).toBe(2);
    expect(report.frrMean).toBe(0.5);
  });

  it('gives null when there are too few genuine signatures', () => {
    expect(evaluateReferenceSets(onLine([0, 1], [5]), options)).toBeNull();
  });
});
