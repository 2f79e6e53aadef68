import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder, makeFolderSync, OWNER_ONLY_FOLDER } from './make-folder.js';

const base = mkdtempSync(join(tmpdir(), 'countersign-folders-'));
afterAll(() => rmSync(base, { recursive: true }));

describe.each([
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (path: string, mode?: number) => makeFolderSync(path, mode)],
] as const)('%s', (name, make) => {
  it('makes what is missing, all of it for its owner alone if that is asked for, also for many at once', async () => {
    const [above, folder] = [join(base, name), join(base, name, 'b', 'c')];
    await Promise.all(Array.from({ length: 20 }, () => make(folder, OWNER_ONLY_FOLDER)));
    for (const each of [above, join(above, 'b'), folder]) expect(statSync(each).mode & 0o777).toBe(0o700);
    await make(folder);
  });

  it('ends where no folder can be made', async () => {
    writeFileSync(join(base, `${name}-file`), '');
    await expect(make(join(base, `${name}-file`, 'b', 'c'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(make('/proc/none/b/c')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
