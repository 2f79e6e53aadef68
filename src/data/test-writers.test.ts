import { describe, expect, it } from 'vitest';
import { findWriterList, WRITER_LISTS } from './test-writers.js';

/** Writers in the set, and forgeries of each where they are equally many. */
const SETS: Record<string, { writers: number; forged?: number }> = {
  'bhsig260-hindi': { writers: 160, forged: 30 },
  'bhsig260-bengali': { writers: 100, forged: 30 },
  cedar: { writers: 55, forged: 24 },
  sigcomp2009: { writers: 112 },
};

describe('WRITER_LISTS', () => {
  it('names writers of the set, each once, and leaves some for training', () => {
    for (const { name, dataset, testWriters } of WRITER_LISTS) {
      expect(name.startsWith(`${dataset}/`)).toBe(true);
      expect(new Set(testWriters).size).toBe(testWriters.length);
      expect(Math.min(...testWriters)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...testWriters)).toBeLessThanOrEqual(SETS[dataset]!.writers);
      expect(testWriters.length).toBeLessThan(SETS[dataset]!.writers);
    }
  });

  it('agrees with its own numbers of pairs: 24 genuine signatures a writer give 276 pairs', () => {
    const withPairs = WRITER_LISTS.filter(({ pairs }) => pairs !== undefined);
    expect(withPairs.map(({ name }) => name)).toEqual([
      'bhsig260-hindi/published',
      'bhsig260-bengali/published',
      'cedar/published',
    ]);
    for (const { dataset, testWriters, pairs } of withPairs) {
      expect(pairs).toEqual({
        genuineGenuine: testWriters.length * 276,
        genuineForged: testWriters.length * 24 * SETS[dataset]!.forged!,
      });
    }
  });
});

describe('findWriterList', () => {
  it('finds each list by its name, and lists the names where there is none', () => {
    for (const list of WRITER_LISTS) expect(findWriterList(list.name)).toBe(list);
    const unknown = () => findWriterList('cedar/publisched');
    expect(unknown).toThrow(expect.objectContaining({ code: 'PROTOCOL_UNKNOWN' }));
    for (const { name } of WRITER_LISTS) expect(unknown).toThrow(name);
  });
});
