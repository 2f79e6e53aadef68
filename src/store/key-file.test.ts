import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { addKey, createKeyFile, loadKeys } from './key-file.js';

const KEY = Buffer.alloc(32, 7).toString('base64url');

describe('keys', () => {
  it('come from the environment before the file, and are none where neither is', async () => {
    const file = path.join(await temporaryFolder(), 'store.key');
    expect(loadKeys(file, {})).toBeUndefined();
    const created = createKeyFile(file);
    expect(loadKeys(file, {})!.currentId).toBe(created.currentId);
    expect(loadKeys(file, { COUNTERSIGN_KEY: KEY })!.currentId).not.toBe(created.currentId);
    expect(loadKeys('elsewhere', { COUNTERSIGN_KEY_FILE: file })!.currentId).toBe(created.currentId);
    expect(() => loadKeys(file, { COUNTERSIGN_KEY_FILE: `${file}.none` })).toThrow(
      expect.objectContaining({ code: 'KEY_MISSING' }),
    );
  });

  it('lie in a file for its owner alone; one that others may read is refused', async () => {
    const file = path.join(await temporaryFolder(), 'new', 'store.key');
    createKeyFile(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await chmod(file, 0o640);
    expect(() => loadKeys(file, {})).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });

  it('are never written over', async () => {
    const file = path.join(await temporaryFolder(), 'store.key');
    const first = createKeyFile(file);
    expect(createKeyFile(file).currentId).toBe(first.currentId);
  });

  it('get a new one in front', async () => {
    const file = path.join(await temporaryFolder(), 'store.key');
    const before = createKeyFile(file);
    const after = await addKey(file);
    expect(after.currentId).not.toBe(before.currentId);
    expect(after.has(before.currentId)).toBe(true);
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(3);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('get one new one where two rotations begin at once: neither seals with a key that is in no file', async () => {
    const file = path.join(await temporaryFolder(), 'store.key');
    createKeyFile(file);
    const both = await Promise.allSettled([addKey(file), addKey(file)]);
    const made = both.flatMap((one) => (one.status === 'fulfilled' ? one.value.currentId : []));
    expect(made.length).toBeGreaterThan(0);
    const ring = loadKeys(file, {})!;
    for (const id of made) expect(ring.has(id)).toBe(true);
    await addKey(file); // the lock is gone
  });

  it.each(['', 'short', `${KEY}=`, `${KEY}\n\n${KEY}`, KEY.slice(1)])('refuses %j', async (text) => {
    const file = path.join(await temporaryFolder(), 'store.key');
    await writeFile(file, text, { mode: 0o600 });
    expect(() => loadKeys(file, {})).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });
});
