import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNatural } from './natural-order.js';

describe('compareNatural', () => {
  it('counts as people do', () => {
    const names = ['w10/a', 'w2/b', 'w2/a', 'w', 'w010/a', '2.png', '10.png', 'w2'];
    expect(names.sort(compareNatural)).toEqual(['2.png', '10.png', 'w', 'w2', 'w2/a', 'w2/b', 'w010/a', 'w10/a']);
  });

  it('is a total order: any order of the input sorts alike', () => {
    const name = fc.stringMatching(/^[ab0-2/]{0,6}$/);
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const sorted = [...names].sort(compareNatural);
        expect([...names].reverse().sort(compareNatural)).toEqual(sorted);
        for (let i = 1; i < sorted.length; i++) {
          for (let j = 0; j < i; j++) expect(compareNatural(sorted[j]!, sorted[i]!)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});
