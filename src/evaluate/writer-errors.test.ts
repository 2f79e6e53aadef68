import { describe, expect, it } from 'vitest';
import { equalErrorRate } from './error-rates.js';
import { madeUp } from './made-up.fixture.js';
import { genuinePairs, skilledForgeryPairs } from './pairs.js';
import { evaluateProtocol } from './protocol.js';
import { reportWriters } from './writer-errors.js';

describe('errors of each writer', () => {
  it('counted by hand, with a failed image', () => {
    const genuine = { distance: Float64Array.of(0.1, 0.9, Infinity, 0.2), writer: Uint32Array.of(0, 0, 0, 1) };
    const skilled = { distance: Float64Array.of(0.5, 0.7, 0.05, 0.8), writer: Uint32Array.of(0, 0, 0, 0) };
    const [a, b] = reportWriters(genuine, skilled, ['a', 'b'], 0.5);
    expect(a).toMatchObject({ writer: 'a', genuinePairs: 3, skilledPairs: 4, far: 2 / 4 });
    expect(a!.frr).toBeCloseTo(2 / 3, 12);
    expect(b).toEqual({ writer: 'b', genuinePairs: 1, skilledPairs: 0, eer: null, far: null, frr: 0 });
  });

  it('make up the errors of all, and agree with every writer alone', () => {
    const input = madeUp(6, 0.5);
    const { perWriter, skilled } = evaluateProtocol(input);
    const falseAccepts = perWriter.reduce((sum, { far, skilledPairs }) => sum + far! * skilledPairs, 0);
    const falseRejections = perWriter.reduce((sum, { frr, genuinePairs }) => sum + frr! * genuinePairs, 0);
    expect(falseAccepts).toBeCloseTo(skilled.far.errors, 6);
    expect(falseRejections).toBeCloseTo(skilled.frr.errors, 6);
    const rows = input.samples.flatMap(({ writer }, i) => (writer === 'w3' ? [i] : []));
    const alone = {
      samples: rows.map((i) => input.samples[i]!),
      embeddings: Float32Array.from(rows.flatMap((i) => [...input.embeddings.subarray(8 * i, 8 * i + 8)])),
      dimension: 8,
    };
    const { eer } = equalErrorRate(genuinePairs(alone).distance, skilledForgeryPairs(alone).distance);
    expect(perWriter.find(({ writer }) => writer === 'w3')!.eer).toBe(eer);
    expect(Math.max(...perWriter.map((row) => row.eer!))).toBe(skilled.perWriterEer!.worst);
  });
});
