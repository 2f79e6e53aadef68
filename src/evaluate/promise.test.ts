import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { EmbeddedSamples } from './pairs.js';
import { testPromise } from './promise.js';

/** Writers as points on a circle: genuine signatures scatter around theirs, forgeries lie beside it. */
function madeUp(writers: number, beside: number): EmbeddedSamples {
  const rng = new Rng('promise');
  const samples: EmbeddedSamples['samples'][number][] = [];
  const angles: number[] = [];
  for (let w = 0; w < writers; w++) {
    const own = rng.uniform(0, 2 * Math.PI);
    for (let i = 0; i < 16; i++) {
      const kind = i < 8 ? 'genuine' : 'forged';
      samples.push({ id: `${w}/${String(i).padStart(2, '0')}`, writer: `w${w}`, identity: `w${w}`, kind });
      angles.push(rng.normal(kind === 'genuine' ? own : own + beside, 0.1));
    }
  }
  const embeddings = Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
  return { samples, embeddings, dimension: 2 };
}

describe('the promise put to the test', () => {
  const unseen = madeUp(60, 0.3);

  it('is kept on the other half of like writers, and costs little', () => {
    const report = testPromise(unseen, { splits: 4, seed: 1, references: 1 });
    expect(report.splits.map(({ calibrationWriters, testWriters }) => [calibrationWriters, testWriters])).toEqual(
      Array(4).fill([30, 30]),
    );
    const [, , ten] = report.targets;
    expect(ten).toMatchObject({ target: 0.1, kept: 4 });
    const realised = report.splits.map(({ promises }) => promises[2]!.realised.value);
    expect(ten!.realisedMean).toBeCloseTo(realised.reduce((a, b) => a + b, 0) / 4, 12);
    expect([ten!.realisedLeast, ten!.realisedMost]).toEqual([Math.min(...realised), Math.max(...realised)]);
    expect(report.calibrationCost).toBeLessThan(0.08);
  });

  it('draws other halves by another seed, the same by the same', () => {
    const once = testPromise(unseen, { splits: 1, seed: 1, references: 3 });
    expect(testPromise(unseen, { splits: 1, seed: 1, references: 3 })).toEqual(once);
    expect(testPromise(unseen, { splits: 1, seed: 2, references: 3 })).not.toEqual(once);
  });

  it('is broken on a set of better forgers', () => {
    const { targets } = testPromise(unseen, { splits: 2, seed: 1, references: 1, test: madeUp(30, 0.1) });
    expect(targets.map(({ kept }) => kept)).toEqual([0, 0, 0]);
  });
});
