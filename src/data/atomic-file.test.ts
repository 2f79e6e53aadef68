import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { writeFileAtomic } from './atomic-file.js';

describe('writing a file whole or not at all', () => {
  it('makes the folders that are missing, and leaves nothing else there', async () => {
    const root = await temporaryFolder();
    const file = path.join(root, 'deep', 'er', 'file.txt');
    await writeFileAtomic(file, 'whole');
    expect(await readFile(file, 'utf8')).toBe('whole');
    expect(await readdir(path.dirname(file))).toEqual(['file.txt']);
  });

  it('keeps what was there where the new content ends in an error', async () => {
    const root = await temporaryFolder({ 'file.txt': 'old' });
    const file = path.join(root, 'file.txt');
    async function* broken() {
      yield Buffer.from('ne');
      throw new Error('no more');
    }
    await expect(writeFileAtomic(file, broken())).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(root)).toEqual(['file.txt']);
  });

  it.each([
    ['where a folder cannot be made though its parent is there', '/proc/countersign/file.txt'],
    ['where a file is in the place of a folder', 'file.txt/deep/file.txt'],
    ['where a folder is in the place of the file', 'folder'],
  ])('refuses %s', async (_, target) => {
    const root = await temporaryFolder();
    await writeFile(path.join(root, 'file.txt'), 'old');
    await mkdir(path.join(root, 'folder'));
    await expect(writeFileAtomic(path.resolve(root, target), 'new')).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect((await readdir(root)).sort()).toEqual(['file.txt', 'folder']);
  });
});
