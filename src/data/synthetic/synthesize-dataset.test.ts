import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { synthesizeDataset } from './synthesize-dataset.js';

let room: string;
beforeEach(async () => {
  room = await mkdtemp(path.join(tmpdir(), 'countersign-synthetic-'));
});
afterEach(() => rm(room, { recursive: true, force: true }));

const small = { genuine: 3, forged: 2, seed: 9 };

async function files(root: string): Promise<Map<string, string>> {
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.png')).sort();
  const out = new Map<string, string>();
  for (const name of names) out.set(name, (await readFile(path.join(root, name))).toString('base64'));
  return out;
}

describe('synthesizeDataset', () => {
  it('writes the plain layout as 8-bit grey PNG and says what it wrote', async () => {
    const root = path.join(room, 'deep', 'set');
    const seen: string[] = [];
    const summary = await synthesizeDataset(root, {
      ...small,
      writers: 2,
      onProgress: ({ writer }) => seen.push(writer),
    });
    expect(summary).toEqual({ root, writers: 2, genuine: 6, forged: 4, seed: 9 });
    expect(seen).toEqual(['w0001', 'w0002']);
    const expected = ['w0001', 'w0002'].flatMap((writer) => [
      ...['001', '002'].map((k) => path.join(writer, 'forged', `${k}.png`)),
      ...['001', '002', '003'].map((k) => path.join(writer, 'genuine', `${k}.png`)),
    ]);
    expect([...(await files(root)).keys()]).toEqual(expected);
    const { format, channels, depth } = await sharp(path.join(root, expected[0]!)).metadata();
    expect({ format, channels, depth }).toEqual({ format: 'png', channels: 1, depth: 'uchar' });
    expect(await readdir(path.dirname(root))).toEqual(['set']);
  });

  it('writes the same bytes again, and the same writer among more or fewer', async () => {
    await synthesizeDataset(path.join(room, 'a'), { ...small, writers: 2 });
    await synthesizeDataset(path.join(room, 'b'), { ...small, writers: 3, genuine: 4 });
    const [a, b] = [await files(path.join(room, 'a')), await files(path.join(room, 'b'))];
    for (const [name, bytes] of a) expect(b.get(name) === bytes, name).toBe(true);
    await synthesizeDataset(path.join(room, 'c'), { ...small, writers: 1, seed: 10 });
    const c = await files(path.join(room, 'c'));
    for (const [name, bytes] of c) expect(a.get(name) === bytes, name).toBe(false);
  });

  it('fills an empty folder, refuses one that holds something and leaves it as it was', async () => {
    const root = path.join(room, 'set');
    await mkdir(root);
    await synthesizeDataset(root, { writers: 1, genuine: 1, forged: 0 });
    const before = await files(root);
    await expect(synthesizeDataset(root, { writers: 1 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('not empty'),
    });
    expect(await files(root)).toEqual(before);
    expect(await readdir(room)).toEqual(['set']);
  });

  it('refuses a file in place of the folder', async () => {
    await writeFile(path.join(room, 'file'), 'x');
    await expect(synthesizeDataset(path.join(room, 'file'), { writers: 1 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('reports a place that cannot be written to, and leaves nothing', async () => {
    await writeFile(path.join(room, 'file'), 'x');
    await expect(synthesizeDataset(path.join(room, 'file', 'set'), { writers: 1 })).rejects.toMatchObject({
      name: 'CountersignError',
    });
    expect(await readdir(room)).toEqual(['file']);
  });

  it('leaves nothing behind when it is stopped half way', async () => {
    const stop = new Error('stop');
    const onProgress = () => {
      throw stop;
    };
    await expect(synthesizeDataset(path.join(room, 'set'), { ...small, writers: 2, onProgress })).rejects.toBe(stop);
    expect(await readdir(room)).toEqual([]);
  });

  it.each([
    [{ writers: 0 }, 'writers'],
    [{ writers: 2.5 }, 'writers'],
    [{ writers: 2, genuine: 0 }, 'genuine'],
    [{ writers: 2, forged: -1 }, 'forged'],
    [{ writers: 2, seed: Number.NaN }, 'seed'],
    [{ writers: 2, signers: 3 }, 'signers'],
  ])('refuses %j and names the option', async (options, name) => {
    const attempt = synthesizeDataset(path.join(room, 'set'), options);
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(name) });
    expect(await readdir(room)).toEqual([]);
  });
});
