import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { openDataset } from './open-dataset.js';
import { groupByWriter, requireForgeries, requireGenuinePairs } from './writers.js';

describe('groupByWriter', () => {
  it('groups by writer and kind, writers in natural order', async () => {
    const { samples } = await openDataset(
      await temporaryFolder(['w10/genuine/1.png', 'w2/genuine/1.png', 'w2/forged/1.png', 'w2/genuine/2.png']),
    );
    const counts = groupByWriter(samples).map(({ writer, genuine, forged }) => [writer, genuine.length, forged.length]);
    expect(counts).toEqual([
      ['w2', 2, 1],
      ['w10', 1, 0],
    ]);
  });
});

describe('checks of a data set', () => {
  it('refuses one without forgeries', async () => {
    const genuineOnly = await openDataset(await temporaryFolder(['a/genuine/1.png', 'a/genuine/2.png']));
    expect(() => requireForgeries(genuineOnly)).toThrow(expect.objectContaining({ code: 'DATASET_NO_FORGERIES' }));
    expect(() => requireForgeries(genuineOnly)).toThrow(genuineOnly.root);
    const withForgery = await openDataset(await temporaryFolder(['a/genuine/1.png', 'a/forged/2.png']));
    expect(() => requireForgeries(withForgery)).not.toThrow();
  });

  it('refuses a writer with one genuine signature, or none, by name', async () => {
    const files = ['a/genuine/1.png', 'a/genuine/2.png', 'b/genuine/1.png', 'b/forged/1.png', 'c/forged/1.png'];
    const poor = await openDataset(await temporaryFolder(files));
    expect(() => requireGenuinePairs(poor)).toThrow(
      expect.objectContaining({
        code: 'DATASET_TOO_FEW_SAMPLES',
        message: expect.stringContaining('writer b has 1 (and 1 more writers alike)'),
      }),
    );
    expect(() => requireGenuinePairs({ ...poor, samples: poor.samples.slice(0, 2) })).not.toThrow();
  });
});
