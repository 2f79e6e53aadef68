import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCacheEntry, encodeCacheEntry } from './cache-entry.js';

const image = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(([width, height]) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    data: fc.uint8Array({ minLength: width * height, maxLength: width * height }),
  }),
);

describe('cache entry', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(image, (original) => {
        expect(decodeCacheEntry(encodeCacheEntry(original))).toEqual(original);
      }),
    );
  });

  it('never gives other pixels than were written: cut short, lengthened, or with any bit turned', () => {
    fc.assert(
      fc.property(image, fc.nat(), fc.integer({ min: 0, max: 7 }), (original, position, bit) => {
        const entry = encodeCacheEntry(original);
        const cut = position % entry.length;
        expect(decodeCacheEntry(entry.subarray(0, cut))).toBeUndefined();
        entry[cut] = (entry[cut] as number) ^ (1 << bit);
        const read = decodeCacheEntry(entry);
        if (read !== undefined) expect(read.data).toEqual(original.data);
      }),
      { numRuns: 500 },
    );
  });

  it('does not trust a size that would fill the memory', () => {
    const entry = encodeCacheEntry({ width: 2, height: 2, data: new Uint8Array(4) });
    entry.writeUInt32LE(2 ** 31, 4);
    expect(decodeCacheEntry(entry)).toBeUndefined();
  });
});
