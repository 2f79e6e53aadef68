import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Needle, searchFolder } from './search.js';

const CHUNK_BYTES = 4 << 20;
const needle = (text: string): Needle => ({ what: text, bytes: Buffer.from(text), isText: true });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'countersign-search-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('finds bytes wherever they lie, also where a read ends within them', async () => {
  const offsets = [0, 7, CHUNK_BYTES - 3, CHUNK_BYTES, 2 * CHUNK_BYTES - 1, 2 * CHUNK_BYTES + 100];
  await mkdir(path.join(folder, 'deep', 'er'), { recursive: true });
  for (const [i, offset] of offsets.entries()) {
    const bytes = Buffer.alloc(offset + 20 + i, '.');
    bytes.write('signature', offset);
    await writeFile(path.join(folder, 'deep', 'er', `${i}`), bytes);
  }
  await writeFile(path.join(folder, 'none'), 'signatur e');
  await writeFile(path.join(folder, 'empty'), '');
  const found = await searchFolder(folder, [needle('signature'), needle('not there')]);
  expect(found.hits.map(({ file, offset }) => [file, offset])).toEqual(
    offsets.map((offset, i) => [path.join('deep', 'er', `${i}`), offset]),
  );
  expect(found.files).toBe(offsets.length + 2);
  expect(found.bytes).toBe(10 + offsets.reduce((sum, offset, i) => sum + offset + 20 + i, 0));
});
