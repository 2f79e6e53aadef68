import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { writeFolderAtomic } from './atomic-folder.js';
import { ownIdentity } from './process-identity.js';

const fillWith = (text: string) => async (folder: string) => writeFileSync(path.join(folder, 'file'), text);

describe('writeFolderAtomic', () => {
  it('makes the folder whole, or leaves nothing', async () => {
    const parent = await temporaryFolder();
    await writeFolderAtomic(path.join(parent, 'out'), fillWith('a'));
    expect(readFileSync(path.join(parent, 'out', 'file'), 'utf8')).toBe('a');
    const failing = writeFolderAtomic(path.join(parent, 'other'), async (folder) => {
      await fillWith('b')(folder);
      throw new Error('stopped');
    });
    await expect(failing).rejects.toThrow('stopped');
    expect(readdirSync(parent)).toEqual(['out']);
    await expect(writeFolderAtomic(path.join(parent, 'out'), fillWith('c'))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('removes what a process that was killed left behind, and nothing else', async () => {
    const parent = await temporaryFolder();
    const leave = (name: string, maker?: unknown) => {
      mkdirSync(path.join(parent, name, 'whole'), { recursive: true });
      if (maker !== undefined) writeFileSync(path.join(parent, name, 'maker.json'), JSON.stringify(maker));
    };
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const living = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      leave('.out-abcdef', { ...ownIdentity(), pid: dead });
      leave('.out-living', ownIdentity());
      leave('.out-foreig', { ...ownIdentity(), pid: dead, host: 'another' });
      leave('.out-unsaid');
      leave('.out-more-abcdef', { ...ownIdentity(), pid: dead }); // of a folder out-more
      leave('.out-reused', { ...ownIdentity(), pid: living.pid, started: '1' });
      await writeFolderAtomic(path.join(parent, 'out'), fillWith('a'));
    } finally {
      living.kill();
    }
    expect(readdirSync(parent).sort()).toEqual([
      '.out-foreig',
      '.out-living',
      '.out-more-abcdef',
      '.out-unsaid',
      'out',
    ]);
  });
});
