/** `npm run crash-test` kills 200 times; the suite a few. CRASH_KILLS says how often. */
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { loadKeys } from '../../src/store/key-file.js';
import { restore } from '../../src/store/restore.js';
import { temporaryFolder } from '../temporary-folder.js';
import { type Backend, environment, startFolders, startServer } from './backends.js';
import { crashRepeatedly } from './crash.js';

const KILLS = Number(process.env.CRASH_KILLS ?? 4);
const SEED = Number(process.env.CRASH_SEED ?? 1);

describe.each([
  ['PGlite in a folder', startFolders],
  ['PostgreSQL', startServer],
] as const)('kill -9 on %s', (name, start) => {
  let backend: Backend | undefined;
  afterAll(() => backend?.stop(), 120_000);

  it(
    'loses no acknowledged write, and the chain verifies',
    async () => {
      backend = await start();
      const location = await backend.createStore();
      const env = environment();
      const backupFile = path.join(await temporaryFolder(), 'backup.gz');
      const outcome = await crashRepeatedly(location, env, { kills: KILLS, rng: new Rng(SEED), backupFile });
      expect(outcome.acknowledged).toBeGreaterThan(0);
      if (outcome.backupWritten) {
        expect(await restore(await backend.createStore(), backupFile, loadKeys('', env)!)).toBeGreaterThan(0);
      }
      if (KILLS > 20) console.log(name, JSON.stringify(outcome));
    },
    KILLS * 60_000 + 300_000,
  );
});
