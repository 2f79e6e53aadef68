import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUSIONS, type FusionRule } from './fusion.js';

const rules: [string, FusionRule][] = Object.entries(FUSIONS);
const none = new Float64Array();

describe('FUSIONS', () => {
  it('by hand: distances 1, 2, 6 to references 2, 3, 4 apart', () => {
    const fused = rules.map(([name, { fuse }]) => [name, fuse(Float64Array.of(1, 2, 6), Float64Array.of(2, 3, 4))]);
    expect(Object.fromEntries(fused)).toEqual({ mean: 3, min: 1, energy: 1.5 });
  });

  it.each(rules)('%s of one reference is the distance itself', (_, { fuse }) => {
    expect(fuse(Float64Array.of(0.7), none)).toBe(0.7);
  });

  it.each(rules)('%s does not depend on the order of the references, and rises with every distance', (_, { fuse }) => {
    const distance = fc.double({ min: 0, max: 2, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(distance, { minLength: 3, maxLength: 3 }),
        fc.array(distance, { minLength: 3, maxLength: 3 }),
        (d, m) => {
          const fused = fuse(Float64Array.from(d), Float64Array.from(m));
          expect(fuse(Float64Array.from(d.toReversed()), Float64Array.from(m.toReversed()))).toBeCloseTo(fused, 12);
          expect(
            fuse(
              Float64Array.from(d, (x) => x + 0.1),
              Float64Array.from(m),
            ),
          ).toBeCloseTo(fused + 0.1, 12);
        },
      ),
    );
  });

  it.each(rules)('%s of a signature that failed is no number to accept', (_, { fuse }) => {
    expect(fuse(Float64Array.of(Infinity, Infinity), Float64Array.of(1))).toBe(Infinity);
  });
});
