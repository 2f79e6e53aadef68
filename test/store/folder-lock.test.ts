/** The lock among real processes. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ownIdentity } from '../../src/data/process-identity.js';
import { lockFolder } from '../../src/store/folder-lock.js';
import { temporaryFolder } from '../temporary-folder.js';

const TAKERS = 6;

async function startTaker(folder: string): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(process.execPath, ['test/store/lock-taker.mjs', folder]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data'); // 'ready'
  return child;
}

async function take(child: ChildProcessWithoutNullStreams): Promise<string> {
  child.stdin.write('take\n');
  const [said] = await once(child.stdout, 'data');
  return String(said).trim();
}

async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'close');
}

const lockFiles = (folder: string) => readdirSync(folder).filter((name) => name.includes('lock'));
const held = (folder: string, owner: object) => writeFileSync(path.join(folder, 'lock.1'), JSON.stringify(owner));

describe('the lock of a folder', () => {
  it('refuses a second process, and names the first', async () => {
    const folder = await temporaryFolder();
    const first = await startTaker(folder);
    expect(await take(first)).toBe('taken');
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({ code: 'STORE_LOCKED', message: expect.stringContaining(`process ${first.pid} on`) }),
    );
  });

  it('is free again after a release, and for the same process', async () => {
    const folder = await temporaryFolder();
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'STORE_LOCKED' }));
    lock.release();
    lockFolder(folder).release();
    expect(lockFiles(folder)).toHaveLength(1);
  });

  it('goes from a dead process to one of many that want it at once', async () => {
    const folder = await temporaryFolder();
    const takers = await Promise.all(Array.from({ length: TAKERS }, () => startTaker(folder)));
    while (takers.length > 0) {
      const said = await Promise.all(takers.map(take));
      expect(said.filter((word) => word === 'taken')).toHaveLength(1);
      expect(said.filter((word) => word === 'STORE_LOCKED')).toHaveLength(takers.length - 1);
      const [owner] = takers.splice(said.indexOf('taken'), 1);
      await kill(owner!);
    }
    expect(lockFiles(folder)).toHaveLength(1);
  });

  it('is taken from a dead process whose number another has now, and from before a restart', async () => {
    for (const gone of [{ started: '1' }, { boot: 'an earlier one' }, { pid: 2 ** 22 - 1 }]) {
      const folder = await temporaryFolder();
      held(folder, { ...ownIdentity(), ...gone });
      lockFolder(folder).release();
    }
  });

  it('is not taken from another host or container, nor where it does not say whose it is', async () => {
    for (const other of [{ host: 'elsewhere' }, { machine: 'other' }, { namespace: 'pid:[1]' }, { pid: 'x' }]) {
      const folder = await temporaryFolder();
      held(folder, { ...ownIdentity(), pid: 2 ** 22 - 1, ...other });
      expect(() => lockFolder(folder)).toThrow(
        expect.objectContaining({ code: 'STORE_LOCKED', message: expect.stringContaining('remove') }),
      );
      expect(readFileSync(path.join(folder, 'lock.1'), 'utf8')).toContain('boot');
    }
  });
});
