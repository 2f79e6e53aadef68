/** Workers as processes of their own, killed with -9 in the middle: no item is lost, and none is decided twice. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq, ne } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { signGenuine } from '../../src/data/synthetic/sign.js';
import { encodePng } from '../../src/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../../src/data/synthetic/writer.js';
import { enrolWriter } from '../../src/enrol/enrol-writer.js';
import { openJobs } from '../../src/jobs/jobs.js';
import { openEmbedder } from '../../src/runtime/model-embedder.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { checkStore } from '../../src/store/check.js';
import type { StoreLocation } from '../../src/store/location.js';
import { auditLog, bulkItems, decisions } from '../../src/store/schema.js';
import { openStore } from '../../src/store/store.js';
import { type Backend, environment, startFolders, startServer } from '../store/backends.js';
import { writeTinyModel } from '../tiny-network.js';
import { by, clock, itemOf } from './items.js';

const ITEMS = 800;
const KILLS = 3;
const WRITER = '4711';

let root: string;
let model: string;
let references: Buffer[];
let questioned: Buffer[];

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'countersign-kills-'));
  model = path.join(root, 'model.onnx');
  writeTinyModel(model, 2);
  const writer = createWriter(new Rng('kills'), 1);
  const sign = (label: string) => encodePng(signGenuine(writer, new Rng(label)));
  references = await Promise.all([1, 2, 3].map((i) => sign(`reference ${i}`)));
  questioned = await Promise.all(Array.from({ length: 20 }, (_, i) => sign(`questioned ${i}`)));
}, 300_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each([
  ['PostgreSQL, by two workers', startServer, 2],
  ['PGlite in a folder', startFolders, 1],
] as const)('bulk verification on %s', (_, start, workers) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await start();
  }, 300_000);
  afterAll(() => backend?.stop(), 120_000);

  it(`comes to one decision for each of ${ITEMS} items, though workers are killed`, async () => {
    const location = await backend.createStore();
    const env = environment();
    const job = await queueItems(location, env);
    const command = location.kind === 'server' ? ['worker'] : ['jobs', 'run', job, '--store', location.folder];
    const variables = { ...process.env, ...env, ...(location.kind === 'server' && { DATABASE_URL: location.url }) };
    const startWorker = () =>
      spawn(process.execPath, ['dist/cli/main.js', ...command, '--model', model, '--threads', '1'], {
        ...{ env: variables, stdio: 'ignore' },
      });
    const rng = new Rng('moments');
    const alive = Array.from({ length: workers }, startWorker);
    const settledAtKill: number[] = [];
    let ms = 800;
    for (let kill = 0; kill < KILLS; ) {
      // A folder takes no other process that could look.
      if (location.kind === 'folder') await moment(ms * (0.9 + 0.2 * rng.uniform()));
      else await untilSettled(location, env, ((kill + rng.uniform()) * ITEMS) / (KILLS + 1));
      await ended(alive[kill % workers]!, 'SIGKILL');
      const settled = await settledSoFar(location, env);
      alive[kill % workers] = startWorker();
      if (settled > (settledAtKill.at(-1) ?? 0)) settledAtKill[kill++] = settled;
      else ms *= 1.5; // it had only begun
      if (settled === ITEMS) break; // a machine so quick, or a test so slow
    }
    expect(settledAtKill[0]).toBeLessThan(ITEMS); // in the middle
    const store = await whenDone(location, env, job, alive);
    const { orm } = store.database;
    expect(await orm.$count(bulkItems, ne(bulkItems.state, 'settled'))).toBe(0);
    const settled = await orm.select({ id: bulkItems.decisionId }).from(bulkItems);
    const made = await orm.select({ id: decisions.id }).from(decisions);
    const recorded = await orm.select().from(auditLog).where(eq(auditLog.action, 'decision.made'));
    expect([settled.length, made.length, recorded.length]).toEqual([ITEMS, ITEMS, ITEMS]);
    const ids = new Set(made.map(({ id }) => id));
    expect(new Set(settled.map(({ id }) => id))).toEqual(ids);
    expect(new Set(recorded.map(({ subjectIds }) => subjectIds[1]))).toEqual(ids);
    expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });
    expect((await checkStore(store)).problems).toEqual([]);
    await store.close();
  }, 600_000);
});

/** Enrols a writer and starts a job. @returns its id */
async function queueItems(location: StoreLocation, env: NodeJS.ProcessEnv): Promise<string> {
  const store = await openStore(location, env);
  const embedder = await openEmbedder(model);
  const jobs = await openJobs(store, { clock, onTrouble: () => undefined, supervise: false });
  const sources = references.map((image) => ({ image, capturedAt: null }));
  await enrolWriter(store, embedder, { externalRef: WRITER, name: null, expiresAt: null }, sources, by());
  const { id } = await jobs.create({ kind: 'verify' }, by());
  const items = Array.from({ length: ITEMS }, (_, i) => itemOf(WRITER, questioned[i % questioned.length]!));
  await jobs.addItems(id, items, by());
  await jobs.start(id, by());
  await jobs.close();
  await embedder.close();
  await store.close();
  return id;
}

async function settledSoFar(location: StoreLocation, env: NodeJS.ProcessEnv): Promise<number> {
  const store = await openStore(location, env);
  const settled = await store.database.orm.$count(bulkItems, eq(bulkItems.state, 'settled'));
  await store.close();
  return settled;
}

async function untilSettled(location: StoreLocation, env: NodeJS.ProcessEnv, least: number): Promise<void> {
  const store = await openStore(location, env);
  while ((await store.database.orm.$count(bulkItems, eq(bulkItems.state, 'settled'))) <= least) await moment(20);
  await store.close();
}

/** Waits for the end of the job: of the process that runs it, where a folder takes no other; then ends the workers. */
async function whenDone(location: StoreLocation, env: NodeJS.ProcessEnv, job: string, alive: readonly ChildProcess[]) {
  if (location.kind === 'folder') await ended(alive[0]!);
  const store = await openStore(location, env);
  const jobs = await openJobs(store, { clock, onTrouble: () => undefined, supervise: false });
  while ((await jobs.get(job, clock())).finishedAt === null) await moment(200);
  await jobs.close();
  const codes = await Promise.all(alive.map((worker) => ended(worker, 'SIGTERM')));
  for (const code of codes) expect([0, null]).toContain(code); // null: told to end before it had begun
  return store;
}

const moment = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns the exit code; null where it was killed */
function ended(worker: ChildProcess, signal?: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  if (worker.exitCode !== null || worker.signalCode !== null) return Promise.resolve(worker.exitCode);
  const exit = new Promise<number | null>((resolve) => worker.once('exit', (code) => resolve(code)));
  if (signal !== undefined) worker.kill(signal);
  return exit;
}
