import { symlink } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { LAYOUT_NAMES, openDataset } from './open-dataset.js';

const HINDI = ['001/H-S-1-G-01.tif', '001/H-S-1-F-02.png', '010/H-S-10-G-01.tif', '002/H-S-2-G-01.tif'];
const BENGALI = ['001/B-S-1-G-01.tif', '001/B-S-1-F-01.tif'];
const CEDAR = ['full_org/original_10_1.png', 'full_org/original_2_1.png', 'full_forg/forgeries_2_24.png'];
const SIGCOMP2009 = ['101/genuine/NISDCC-001_001_001_6g.PNG', '001/genuine/NFI-1.png', '101/forgery/NISDCC-2_1_1.PNG'];
const CROSS_MEDIA = ['experiment/1/10.png', 'experiment/1/20.jpg', 'experiment/1/11.png', 'control/1/10.png'];
const SIGCOMP = ['001/001_01.PNG', '001_forg/0119001_01.png', '012/012_01.png'];
const PLAIN = ['ada/genuine/1.png', 'ada/forged/1.jpeg', '007/genuine/a b.webp'];

const below = (folder: string, files: readonly string[]) => files.map((file) => `${folder}/${file}`);

/** Id, writer, identity and kind, as in a table. */
async function rows(root: string, layout?: string): Promise<string[]> {
  const { samples } = await openDataset(root, { layout });
  return samples.map(({ id, writer, identity, kind }) => [id, writer, identity, kind].join(' '));
}

describe('openDataset', () => {
  it('reads BHSig260, whichever folder above it is given', async () => {
    const expected = [
      '001/H-S-1-F-02.png 1 1 forged',
      '001/H-S-1-G-01.tif 1 1 genuine',
      '002/H-S-2-G-01.tif 2 2 genuine',
      '010/H-S-10-G-01.tif 10 10 genuine',
    ];
    for (const folder of ['Hindi', 'BHSig260/Hindi', 'BHSig260-Hindi']) {
      const root = await temporaryFolder(below(folder, HINDI));
      expect(await rows(root)).toEqual(expected);
      expect(await rows(path.join(root, folder))).toEqual(expected);
      expect(await openDataset(root)).toMatchObject({ name: 'bhsig260-hindi', root: path.join(root, folder) });
    }
  });

  it('asks which set is meant where a folder holds several', async () => {
    const root = await temporaryFolder([...below('Hindi', HINDI), ...below('Bengali', BENGALI)]);
    await expect(openDataset(root)).rejects.toMatchObject({
      code: 'DATASET_AMBIGUOUS',
      message: expect.stringContaining('choose bhsig260-hindi or bhsig260-bengali'),
    });
    expect(await openDataset(root, { layout: 'bhsig260-bengali' })).toMatchObject({ name: 'bhsig260-bengali' });
    expect(await rows(root, 'bhsig260-bengali')).toHaveLength(2);
  });

  it('reads CEDAR', async () => {
    const root = await temporaryFolder(below('signatures', CEDAR));
    expect(await openDataset(root)).toMatchObject({ name: 'cedar', layout: 'cedar' });
    expect(await rows(root)).toEqual([
      'full_forg/forgeries_2_24.png 2 2 forged',
      'full_org/original_2_1.png 2 2 genuine',
      'full_org/original_10_1.png 10 10 genuine',
    ]);
  });

  it('reads SigComp2009', async () => {
    const root = await temporaryFolder(SIGCOMP2009);
    expect(await openDataset(root)).toMatchObject({ name: 'sigcomp2009', layout: 'sigcomp2009' });
    expect(await rows(root)).toEqual([
      '001/genuine/NFI-1.png 1 1 genuine',
      '101/forgery/NISDCC-2_1_1.PNG 101 101 forged',
      '101/genuine/NISDCC-001_001_001_6g.PNG 101 101 genuine',
    ]);
  });

  it('reads the cross-media set: an identity is a writer and a name', async () => {
    const root = await temporaryFolder(CROSS_MEDIA);
    expect(await openDataset(root)).toMatchObject({ name: 'cross-media-chinese', layout: 'cross-media' });
    expect(await rows(root)).toEqual([
      'control/1/10.png control-1 control-1/0 genuine',
      'experiment/1/10.png 1 1/0 genuine',
      'experiment/1/11.png 1 1/1 genuine',
      'experiment/1/20.jpg 1 1/0 genuine',
    ]);
  });

  it('reads ICDAR folders, train and test apart', async () => {
    const root = await temporaryFolder(below('train', SIGCOMP));
    const expected = [
      '001/001_01.PNG 1 1 genuine',
      '001_forg/0119001_01.png 1 1 forged',
      '012/012_01.png 12 12 genuine',
    ];
    expect(await rows(root)).toEqual(expected);
    expect(await rows(path.join(root, 'train'))).toEqual(expected);
    expect(await openDataset(root)).toMatchObject({ name: 'train', layout: 'sigcomp' });

    const both = await temporaryFolder([...below('train', SIGCOMP), ...below('test', SIGCOMP)]);
    await expect(openDataset(both)).rejects.toMatchObject({
      code: 'DATASET_AMBIGUOUS',
      details: { choices: [path.join(both, 'train'), path.join(both, 'test')] },
    });
  });

  it('reads the plain layout; writers are folder names as they are', async () => {
    const root = await temporaryFolder(PLAIN);
    expect(await openDataset(root)).toMatchObject({ name: path.basename(root), layout: 'plain', root });
    expect(await rows(root)).toEqual([
      '007/genuine/a b.webp 007 007 genuine',
      'ada/forged/1.jpeg ada ada forged',
      'ada/genuine/1.png ada ada genuine',
    ]);
  });

  it('does not mind the case of folder names', async () => {
    const root = await temporaryFolder(['ada/Genuine/1.PNG', 'ada/FORGED/1.PNG']);
    expect(await rows(root)).toEqual(['ada/FORGED/1.PNG ada ada forged', 'ada/Genuine/1.PNG ada ada genuine']);
  });

  it('follows links', async () => {
    const root = await temporaryFolder(PLAIN);
    const link = path.join(await temporaryFolder(), 'link');
    await symlink(path.join(root, 'ada'), link);
    await symlink(root, path.join(path.dirname(link), 'root'));
    expect(await rows(path.join(path.dirname(link), 'root'))).toHaveLength(3);
  });

  it('passes over what comes with a data set and is no signature', async () => {
    const clutter = ['.DS_Store', '001/Thumbs.db', 'README.md', 'LICENSE', 'notes.txt', '.git/x.png', 'list.genuine'];
    expect(await rows(await temporaryFolder([...HINDI, ...clutter]))).toHaveLength(4);
  });

  it('names the first file that does not fit, and what was expected', async () => {
    const cases: [readonly string[], string, string][] = [
      [[...HINDI, '003/scan10.png', '003/scan9.png'], '003/scan9.png', '001/H-S-1-G-01.tif'],
      [[...HINDI, '002/H-S-1-G-01.tif'], '002/H-S-1-G-01.tif', '001/H-S-1-G-01.tif'], // in another writer's folder
      [[...CEDAR, 'full_org/original_1.png'], 'full_org/original_1.png', 'full_org/original_1_1.png'],
      [[...SIGCOMP2009, '101/genuine/x.png'], '101/genuine/x.png', '001/genuine/NFI-*.png'],
      [[...CROSS_MEDIA, 'experiment/1/x.png'], 'experiment/1/x.png', 'experiment/1/1.png'],
      [[...SIGCOMP, '001/a/b.png'], '001/a/b.png', '001_forg/*'],
      [[...PLAIN, 'ada/genuine/notes.pdf'], 'ada/genuine/notes.pdf', '<writer>/genuine/*'],
      [[...PLAIN, 'ada/genuine/1.bmp'], 'ada/genuine/1.bmp', '<writer>/genuine/*'],
      [[...PLAIN, 'a/b/c/d/e/f/g/h.png'], 'a/b/c/d/e/f/g/', '<writer>/genuine/*'],
    ];
    for (const [files, file, expected] of cases) {
      const root = await temporaryFolder(files);
      const error = await openDataset(root).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'DATASET_FILE_UNEXPECTED', details: { file } });
      expect(error.message).toContain(path.join(root, file));
      expect(error.message).toContain(expected);
    }
  });

  it('refuses a missing folder, an empty one, one of no known layout, and a file that is no manifest', async () => {
    const root = await temporaryFolder(['a.png', 'empty/.keep']);
    const refusals: [string, string, string][] = [
      [path.join(root, 'missing'), 'DATASET_NOT_FOUND', path.join(root, 'missing')],
      [path.join(root, 'empty'), 'DATASET_LAYOUT_UNKNOWN', 'holds no files'],
      [root, 'DATASET_LAYOUT_UNKNOWN', 'first file is a.png'],
      [path.join(root, 'a.png'), 'DATASET_LAYOUT_UNKNOWN', 'CSV manifest'],
    ];
    for (const [given, code, text] of refusals) {
      await expect(openDataset(given)).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
    }
  });

  it('refuses a layout that does not exist, and one that the folder does not have', async () => {
    const root = await temporaryFolder(PLAIN);
    const unknown = openDataset(root, { layout: 'gpds' });
    await expect(unknown).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    for (const name of LAYOUT_NAMES) await expect(unknown).rejects.toThrow(name);
    await expect(openDataset(root, { layout: 'cedar' })).rejects.toMatchObject({ code: 'DATASET_LAYOUT_UNKNOWN' });
  });

  it('sorts samples the same however the folder was written', async () => {
    const names = PLAIN.concat(below('w10', ['genuine/2.png', 'genuine/10.png', 'forged/1.png']));
    const expected = await rows(await temporaryFolder(names));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(names, { minLength: names.length }), async (order) => {
        const root = await temporaryFolder(order);
        expect(await rows(root)).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });
});
