import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { findDuplicates } from './duplicates.js';
import { openDataset } from './open-dataset.js';

/** A 4 x 3 picture of one grey. */
const picture = (grey: number) => sharp(new Uint8Array(12).fill(grey), { raw: { width: 4, height: 3, channels: 1 } });

async function samplesOf(files: Record<string, string | Uint8Array>) {
  return (await openDataset(await temporaryFolder(files))).samples;
}

describe('findDuplicates', () => {
  it('counts surplus copies within a writer and kind, and groups whose labels contradict each other', async () => {
    const samples = await samplesOf({
      'a/genuine/1.png': 'one',
      'a/genuine/2.png': 'one',
      'a/genuine/10.png': 'one',
      'a/genuine/4.png': 'two',
      'a/forged/1.png': 'three',
      'a/forged/2.png': 'three',
      'b/genuine/1.png': 'four',
      'b/forged/1.png': 'four',
      'c/genuine/1.png': 'three',
    });
    const report = await findDuplicates(samples);
    expect(report).toMatchObject({ by: 'bytes', surplus: { genuine: 2, forged: 1 }, undecodable: [] });
    expect(report).toMatchObject({ groupsAcrossWriters: 1, groupsAcrossIdentities: 1, groupsAcrossKinds: 2 });
    expect(report.groups.map((group) => group.samples.map(({ id }) => id))).toEqual([
      ['a/forged/1.png', 'a/forged/2.png', 'c/genuine/1.png'],
      ['a/genuine/1.png', 'a/genuine/2.png', 'a/genuine/10.png'],
      ['b/forged/1.png', 'b/genuine/1.png'],
    ]);
  });

  it('finds one picture under two names of one writer', async () => {
    const samples = await samplesOf({ 'experiment/64/36.jpg': 'one', 'experiment/64/37.jpg': 'one' });
    expect(await findDuplicates(samples)).toMatchObject({ groupsAcrossWriters: 0, groupsAcrossIdentities: 1 });
  });

  it('finds none where all differ', async () => {
    const samples = await samplesOf({ 'a/genuine/1.png': 'one', 'a/genuine/2.png': 'two' });
    expect(await findDuplicates(samples)).toMatchObject({ groups: [], surplus: { genuine: 0, forged: 0 } });
  });

  it('finds the same pixels in another encoding, and says what it could not decode', async () => {
    const samples = await samplesOf({
      'a/genuine/1.png': await picture(200).png().toBuffer(),
      'a/genuine/2.tif': await picture(200).tiff({ compression: 'lzw' }).toBuffer(),
      'a/genuine/3.png': await picture(201).png().toBuffer(),
      'a/genuine/4.png': await picture(200).resize(3, 4, { fit: 'fill' }).png().toBuffer(),
      'a/genuine/5.png': 'no picture',
    });
    expect((await findDuplicates(samples)).groups).toEqual([]);
    const report = await findDuplicates(samples, { by: 'pixels' });
    expect(report.groups.map((group) => group.samples.map(({ id }) => id))).toEqual([
      ['a/genuine/1.png', 'a/genuine/2.tif'],
    ]);
    expect(report.undecodable.map(({ id }) => id)).toEqual(['a/genuine/5.png']);
  });
});
