/** `npm run crash-test` kills each 200 times; the suite a few. CRASH_KILLS says how often. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { loadKeys } from '../../src/store/key-file.js';
import { restore } from '../../src/store/restore.js';
import { type Backend, environment, startFolders, startServer } from './backends.js';
import { crashMigrator, crashWriter } from './crash.js';

const KILLS = Number(process.env.CRASH_KILLS ?? 4);
const SEED = Number(process.env.CRASH_SEED ?? 1);
const TIMEOUT_MS = KILLS * 60_000 + 300_000;

describe.each([
  ['PGlite in a folder', startFolders],
  ['PostgreSQL', startServer],
] as const)('kill -9 on %s', (name, start) => {
  let backend: Backend;
  let folder: string; // of both tests: what one of two that run at once cleans up must not be the other's
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'countersign-test-'));
    backend = await start();
  }, 300_000);
  afterAll(async () => {
    await backend?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 300_000);
  const report = (what: string, outcome: object) => {
    if (KILLS > 20) console.log(`${what} on ${name}`, JSON.stringify(outcome));
  };

  it.concurrent(
    'loses no writer, decision or move to another model that was acknowledged, and the chain verifies',
    async () => {
      const location = await backend.createStore();
      const env = environment();
      const backupFile = path.join(folder, `backup-${randomUUID()}.gz`);
      const outcome = await crashWriter(location, env, { kills: KILLS, rng: new Rng(SEED), backupFile });
      expect(outcome.acknowledged).toBeGreaterThan(0);
      expect(outcome.decisions).toBeGreaterThan(0);
      if (outcome.backupWritten) {
        expect(await restore(await backend.createStore(), backupFile, loadKeys('', env)!)).toBeGreaterThan(0);
      }
      report('enrolment, decisions, re-embedding, backup', outcome);
    },
    TIMEOUT_MS,
  );

  it.concurrent(
    'leaves a store that goes on migrating',
    async () => {
      const location = await backend.createStore();
      const outcome = await crashMigrator(location, environment(), { kills: KILLS, rng: new Rng(SEED) });
      // Each kill checks what is there; of a few, all may come before a migration has ended on a slow machine.
      if (KILLS > 20) expect(outcome.migrations).toBeGreaterThan(0);
      report('migration', outcome);
    },
    TIMEOUT_MS,
  );
});
