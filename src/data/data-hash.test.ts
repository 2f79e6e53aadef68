import { cp, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { hashSamples } from './data-hash.js';
import { openDataset } from './open-dataset.js';

const FILES = ['a/genuine/1.png', 'a/forged/1.png', 'b/genuine/1.png'];

describe('hashSamples', () => {
  it('is the same wherever the files lie and in whatever order they are given', async () => {
    const root = await temporaryFolder(FILES);
    const copy = await temporaryFolder();
    await cp(root, copy, { recursive: true });
    const { samples } = await openDataset(root);
    const hash = await hashSamples(samples);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashSamples((await openDataset(copy)).samples)).toBe(hash);
    expect(await hashSamples([...samples].reverse())).toBe(hash);
  });

  it('changes with an id, a label, a content, a sample less', async () => {
    const { samples } = await openDataset(await temporaryFolder(FILES));
    const [first, ...others] = samples as [(typeof samples)[0], ...typeof samples];
    const hashes = [await hashSamples(samples), await hashSamples(others)];
    for (const change of [{ id: 'x' }, { writer: 'x' }, { identity: 'x' }, { kind: 'genuine' }] as const) {
      hashes.push(await hashSamples([{ ...first, ...change }, ...others]));
    }
    await writeFile(first.path, 'other content');
    hashes.push(await hashSamples(samples));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('names a file that is gone', async () => {
    const { samples } = await openDataset(await temporaryFolder(FILES));
    const gone = samples.map((sample) => ({ ...sample, path: `${sample.path}.gone` }));
    await expect(hashSamples(gone)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });
});
