import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { openDataset } from './open-dataset.js';

const IMAGES = { 'img/1.png': 'x', 'img/2, too.png': 'y', 'img/10.png': 'z' };

async function manifest(csv: string): Promise<string> {
  return path.join(await temporaryFolder({ ...IMAGES, 'bank.csv': csv }), 'bank.csv');
}

describe('readManifest', () => {
  it('reads columns in any order, quoted paths, an identity where it is given', async () => {
    const file = await manifest(
      'Kind,writer,path,identity\ngenuine,007,img/10.png,\nGenuine,007,"img/2, too.png",short form\nforged,007,./img/1.png,\n',
    );
    const root = path.dirname(file);
    const own = { writer: '007', identity: '007' };
    expect(await openDataset(file)).toEqual({
      name: 'bank',
      layout: 'csv',
      root,
      samples: [
        { ...own, id: 'img/1.png', kind: 'forged', path: path.join(root, 'img/1.png') },
        {
          ...own,
          id: 'img/2, too.png',
          identity: 'short form',
          kind: 'genuine',
          path: path.join(root, 'img/2, too.png'),
        },
        { ...own, id: 'img/10.png', kind: 'genuine', path: path.join(root, 'img/10.png') },
      ],
    });
  });

  it('names file and line of what is wrong', async () => {
    const cases: [string, number, string][] = [
      ['', 1, '"path" is missing'],
      ['path,writer\n', 1, '"kind" is missing'],
      ['path,writer,kind,age\n', 1, '"age"'],
      ['path,writer,kind,path\n', 1, '"path"'],
      ['path,writer,kind\n', 2, 'no signature'],
      ['path,writer,kind\nimg/1.png,a\n', 2, '2 fields under 3 columns'],
      ['path,writer,kind\nimg/1.png,a,genuine\n\nimg/10.png,a,real\n', 4, 'kind is "real"'],
      ['path,writer,kind\nimg/1.png,,genuine\n', 2, 'empty'],
      ['path,writer,kind\nimg/1.png,a,genuine\n./img/1.png,b,genuine\n', 3, 'in line 2 already'],
      ['path,writer,kind\nimg/1.png,a,genuine\nimg/3.png,a,genuine\n', 3, 'there is no file'],
      ['path,writer,kind\n"img/1.png,a,genuine\n', 2, 'never closed'],
    ];
    for (const [csv, line, text] of cases) {
      const file = await manifest(csv);
      const error = await openDataset(file).catch((thrown) => thrown);
      expect(error, csv).toMatchObject({ code: 'DATASET_MANIFEST_INVALID', details: { file, line } });
      expect(error.message).toContain(`${file}:${line}: `);
      expect(error.message).toContain(text);
    }
  });
});
