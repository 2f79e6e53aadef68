import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapConcurrent } from './map-concurrent.js';

describe('mapConcurrent', () => {
  it('keeps the order and the limit, whatever finishes first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 })),
        fc.integer({ min: 1, max: 5 }),
        async (turns, limit) => {
          let running = 0;
          let most = 0;
          const results = await mapConcurrent(turns, limit, async (turn, index) => {
            most = Math.max(most, ++running);
            for (let i = 0; i < turn; i++) await Promise.resolve();
            running--;
            return index;
          });
          expect(results).toEqual(turns.map((_, index) => index));
          expect(most).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });

  it('rejects with the first failure and begins nothing new', async () => {
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      if (item === 2) throw new Error('two');
    };
    await expect(mapConcurrent([1, 2, 3, 4, 5, 6], 1, work)).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
  });
});
