import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { CountersignError } from '../core/errors.js';
import { type PreprocessOptions, preprocessOptionsSchema } from '../image/options.js';
import type { Preparation } from '../image/prepare.js';
import { defaultCacheDir, loadPreprocessed } from './cache.js';
import { canonicalJson } from './canonical-json.js';
import { openDataset } from './open-dataset.js';

const OPTIONS = preprocessOptionsSchema.parse({});
const FILES = ['a/genuine/1.png', 'a/genuine/2.png', 'b/genuine/1.png', 'b/forged/1.png'];

/** Stands in for image processing: the file's first byte as a 2 x 1 picture; counts its calls, refuses a blank. */
function counter() {
  const calls: string[] = [];
  const preprocess = async (source: string | Uint8Array, { marginPx }: Preparation) => {
    const text = typeof source === 'string' ? await readFile(source, 'utf8') : Buffer.from(source).toString();
    calls.push(text);
    if (text === 'blank') throw new CountersignError('IMAGE_BLANK', 'No ink.');
    return { ink: { width: 2, height: 1, data: Uint8Array.of(text.length, marginPx) } };
  };
  return { calls, preprocess };
}

async function entriesOf(cacheDir: string): Promise<string[]> {
  const names = await readdir(cacheDir, { recursive: true });
  const paths = names.map((name) => path.join(cacheDir, name)).sort();
  const isFile = await Promise.all(paths.map(async (name) => (await stat(name)).isFile()));
  return paths.filter((_, i) => isFile[i]);
}

describe('loadPreprocessed', () => {
  it('makes each image once, then takes it from the cache', async () => {
    const { samples } = await openDataset(await temporaryFolder(FILES));
    const cacheDir = await temporaryFolder();
    const { calls, preprocess } = counter();
    const cold = await loadPreprocessed(samples, OPTIONS, { cacheDir, preprocess });
    expect(cold).toMatchObject({ samples, failures: [], cache: { hits: 0, writeError: undefined } });
    expect(cold.images.map(({ data }) => data[0])).toEqual(samples.map(({ id }) => id.length));
    const warm = await loadPreprocessed(samples, OPTIONS, { cacheDir, preprocess });
    expect(warm).toEqual({ ...cold, cache: { hits: 4, writeError: undefined } });
    expect(calls).toHaveLength(4);
    expect(await loadPreprocessed(samples, OPTIONS, { cacheDir: null, preprocess })).toEqual(cold);
    expect(calls).toHaveLength(8);
  });

  it('makes images anew for other options and for other content, and not for another path', async () => {
    const cacheDir = await temporaryFolder();
    const { calls, preprocess } = counter();
    const load = async (content: string, options: PreprocessOptions) => {
      const { samples } = await openDataset(await temporaryFolder({ 'a/genuine/1.png': content }));
      return (await loadPreprocessed(samples, options, { cacheDir, preprocess })).images[0]?.data;
    };
    expect(await load('one', OPTIONS)).toEqual(Uint8Array.of(3, 4));
    expect(await load('one', { ...OPTIONS, marginPx: 9 })).toEqual(Uint8Array.of(3, 9));
    expect(await load('seven', OPTIONS)).toEqual(Uint8Array.of(5, 4));
    expect(await load('one', OPTIONS)).toEqual(Uint8Array.of(3, 4));
    expect(calls).toEqual(['one', 'one', 'seven']);
  });

  it('reports a bad or missing image as a failure and goes on', async () => {
    const root = await temporaryFolder({
      'a/genuine/1.png': 'blank',
      'a/genuine/2.png': 'ok',
      'a/genuine/3.png': 'gone',
    });
    const { samples } = await openDataset(root);
    const given = samples.map((sample) =>
      sample.id.endsWith('3.png') ? { ...sample, path: `${sample.path}x` } : sample,
    );
    const progress: number[] = [];
    const loaded = await loadPreprocessed(given, OPTIONS, {
      cacheDir: await temporaryFolder(),
      preprocess: counter().preprocess,
      onProgress: ({ done, total }) => progress.push(done / total),
    });
    expect(loaded.samples.map(({ id }) => id)).toEqual(['a/genuine/2.png']);
    expect(loaded.images).toHaveLength(1);
    expect(loaded.failures.map(({ sample, error }) => [sample.id, error.code])).toEqual([
      ['a/genuine/1.png', 'IMAGE_BLANK'],
      ['a/genuine/3.png', 'IMAGE_NOT_FOUND'],
    ]);
    expect(progress).toEqual([1 / 3, 2 / 3, 1]);
  });

  it('does not hide a fault of the program behind an image', async () => {
    const { samples } = await openDataset(await temporaryFolder(FILES));
    const preprocess = async () => {
      throw new TypeError('fault');
    };
    await expect(loadPreprocessed(samples, OPTIONS, { cacheDir: null, preprocess })).rejects.toThrow(TypeError);
  });

  it('makes damaged entries anew', async () => {
    const { samples } = await openDataset(await temporaryFolder(FILES));
    const cacheDir = await temporaryFolder();
    const { calls, preprocess } = counter();
    const cold = await loadPreprocessed(samples, OPTIONS, { cacheDir, preprocess });
    const [cut, empty, turned, whole] = (await entriesOf(cacheDir)) as [string, string, string, string];
    await writeFile(cut, (await readFile(cut)).subarray(0, 17));
    await writeFile(empty, '');
    const bytes = await readFile(turned);
    await writeFile(turned, bytes.fill(0, 12, 16));
    const mended = await loadPreprocessed(samples, OPTIONS, { cacheDir, preprocess });
    expect(mended).toEqual({ ...cold, cache: { hits: 1, writeError: undefined } });
    expect(calls).toHaveLength(7);
    expect(await entriesOf(cacheDir)).toContain(whole);
    expect((await loadPreprocessed(samples, OPTIONS, { cacheDir, preprocess })).cache.hits).toBe(4);
    expect((await entriesOf(cacheDir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('does its work where the cache cannot be written, and says why', async () => {
    const { samples } = await openDataset(await temporaryFolder(FILES));
    const occupied = path.join(await temporaryFolder({ file: 'no folder' }), 'file');
    const loaded = await loadPreprocessed(samples, OPTIONS, { cacheDir: occupied, preprocess: counter().preprocess });
    expect(loaded.images).toHaveLength(4);
    expect(loaded.cache.writeError).toMatch(/ENOTDIR|EEXIST/);
  });
});

describe('defaultCacheDir', () => {
  it('follows XDG_CACHE_HOME where it is an absolute path', () => {
    expect(defaultCacheDir({ XDG_CACHE_HOME: '/var/cache' })).toBe('/var/cache/countersign');
    expect(defaultCacheDir({})).toMatch(/\.cache\/countersign$/);
    expect(defaultCacheDir({ XDG_CACHE_HOME: 'relative' })).toBe(defaultCacheDir({}));
  });
});

describe('canonicalJson', () => {
  it('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[1,{"c":2,"d":1}]}');
  });
});
