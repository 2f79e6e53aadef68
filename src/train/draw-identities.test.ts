import { describe, expect, it } from 'vitest';
import type { SampleOfSet } from '../metric/sampler.js';
import { drawIdentities } from './draw-identities.js';

describe('what says how hands vary', () => {
  const samplesOf = (dataset: string, writers: number, forgers: number): SampleOfSet[] =>
    Array.from({ length: writers }, (_, writer) =>
      (['genuine', 'forged'] as const).flatMap((kind) =>
        Array.from({ length: kind === 'genuine' ? 4 : writer < forgers ? 2 : 0 }, (_, n) => {
          const identity = `${dataset}/${writer}`;
          return { dataset, kind, text: '', path: '', writer: identity, identity, id: `${identity}/${kind}${n}` };
        }),
      ),
    ).flat();
  const config = { identities: 3, genuine: 2, forged: 1, setShares: {}, seed: 1 };
  const writersOf = (samples: readonly SampleOfSet[], more: object = {}) =>
    drawIdentities({ ...config, ...more }, samples).map((rows) => {
      const group = rows.map((row) => samples[row]!);
      expect(new Set(group.map(({ id }) => id)).size).toBe(rows.length);
      expect(rows.length).toBeGreaterThanOrEqual(2);
      expect(group.every(({ kind, identity }) => kind === 'genuine' && identity === group[0]!.identity)).toBe(true);
      return group[0]!.identity;
    });
  const pens = samplesOf('pens', 5, 0);
  const forged = samplesOf('forged', 5, 1);

  it('is genuine signatures of one identity each, of data sets that forgers worked on', () => {
    const all = ['forged/0', 'forged/1', 'forged/2', 'forged/3', 'forged/4'];
    expect([...new Set(writersOf([...pens, ...forged]))].sort()).toEqual(all);
    expect(writersOf([...pens, ...forged])).toEqual(writersOf([...pens, ...forged]));
    expect(writersOf([...pens, ...forged], { seed: 2 })).not.toEqual(writersOf([...pens, ...forged]));
  });

  it('is of all sets where nobody forged any', () => {
    expect(new Set(writersOf(pens)).size).toBe(5);
  });

  it('is of each set by its share, whatever that of a set without forgeries is', () => {
    const both = [...pens, ...forged, ...samplesOf('more', 5, 5)];
    const drawn = writersOf(both, { setShares: { pens: 5, forged: 1, more: 3 } });
    const share = drawn.filter((identity) => identity.startsWith('more/')).length / drawn.length;
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.9);
    expect(drawn.some((identity) => identity.startsWith('pens/'))).toBe(false);
  });

  it('is refused where no set to draw from has a share', () => {
    expect(() => writersOf([...pens, ...forged], { setShares: { pens: 1, forged: 0 } })).toThrow(/share above 0/);
  });
});
