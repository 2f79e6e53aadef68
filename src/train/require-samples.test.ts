import { describe, expect, it } from 'vitest';
import type { Sample } from '../data/dataset.js';
import { countIdentitiesWithoutPair, requireDevelopment, requireValidation } from './require-samples.js';

/** `g` genuine signatures and `f` forgeries of each identity: `{ ada: 'ggf' }`. */
function samples(of: Readonly<Record<string, string>>): Sample[] {
  return Object.entries(of).flatMap(([writer, letters]) =>
    [...letters].map((letter, i) => {
      const kind = letter === 'g' ? 'genuine' : 'forged';
      return { id: `${writer}/${i}`, writer, identity: writer, kind, path: '' } as const;
    }),
  );
}

describe('requireDevelopment', () => {
  it('wants two writers with two genuine signatures each', () => {
    expect(() => requireDevelopment(samples({ ada: 'gg', ben: 'ggf' }))).not.toThrow();
    for (const [poor, reason] of [
      [{ ada: 'ggf', ben: 'gff' }, /only 1\.$/],
      [{ ada: 'gf' }, /none\.$/],
      [{}, /none\.$/],
    ] as const) {
      const message = expect.stringMatching(reason);
      expect(() => requireDevelopment(samples(poor))).toThrow(
        expect.objectContaining({ code: 'DATASET_TOO_FEW_WRITERS', message }),
      );
    }
  });

  it('counts those that teach nothing', () => {
    expect(countIdentitiesWithoutPair(samples({ ada: 'gg', ben: 'gff', cay: 'f' }))).toBe(2);
  });
});

describe('requireValidation', () => {
  it('wants a genuine pair and a forged pair', () => {
    expect(() => requireValidation(samples({ ada: 'ggf' }))).not.toThrow();
    expect(() => requireValidation(samples({ ada: 'gg', ben: 'gf' }))).not.toThrow();
    for (const poor of [{ ada: 'gg', ben: 'f' }, { ada: 'gf' }, {}]) {
      expect(() => requireValidation(samples(poor))).toThrow(
        expect.objectContaining({ code: 'DATASET_TOO_FEW_SAMPLES' }),
      );
    }
  });
});
