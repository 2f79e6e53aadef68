/** Bulk verification on every database a store runs on: what comes of items, what stops it, and what is left of them. */
import path from 'node:path';
import { asc, sql } from 'drizzle-orm';
import { afterEach, describe, expect, it } from 'vitest';
import { CountersignError } from '../../src/core/errors.js';
import { CHUNK_ITEMS } from '../../src/jobs/chunk.js';
import { type Jobs, type JobsOptions, openJobs } from '../../src/jobs/jobs.js';
import { openQueue } from '../../src/jobs/queue.js';
import type { ModelEmbedder } from '../../src/runtime/model-embedder.js';
import type { ImageSource } from '../../src/runtime/types.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { backup } from '../../src/store/backup.js';
import type { NewBulkItem } from '../../src/store/bulk-items.js';
import { cancelBulkJob } from '../../src/store/bulk-jobs.js';
import { checkStore } from '../../src/store/check.js';
import { createWriter } from '../../src/store/enrol.js';
import { eraseWriters } from '../../src/store/erase.js';
import { restore } from '../../src/store/restore.js';
import { auditLog, bulkItems, cases, decisions } from '../../src/store/schema.js';
import { openStore, type Store } from '../../src/store/store.js';
import { BACKENDS, startFolders } from '../store/backends.js';
import { onFreshStore } from '../store/fresh-store.js';
import { blank, CALIBRATED, calibrated, madeUpEmbedder, signedAt } from '../store/made-up-embedder.js';
import { newReference } from '../store/new-reference.js';
import { temporaryFolder } from '../temporary-folder.js';
import { by, clock, embeddersOf, itemOf, resultsOf, until } from './items.js';

const network = madeUpEmbedder(CALIBRATED);
const ENROLLING = { ...CALIBRATED, dimension: 4 };

/** The same network, after `before` has seen what comes. */
function watching(before: (images: readonly ImageSource[]) => unknown): ModelEmbedder {
  return {
    ...network,
    async embedFiles(images) {
      await before(images);
      return network.embedFiles(images);
    },
  };
}

describe.each(Object.entries(BACKENDS))('bulk verification on %s', (_, start) => {
  let store: Store;
  let opened: Jobs[];
  let troubles: Error[];
  let jobs: Jobs;
  onFreshStore(start, async (fresh) => {
    store = fresh;
    [opened, troubles] = [[], []];
    jobs = await open();
    for (const externalRef of ['A', 'B', 'C']) {
      const references = [0, 10, 20].map((degrees) => newReference(degrees));
      await store.database.transaction((tx) =>
        createWriter(tx, store.keys, { externalRef, name: null, expiresAt: null }, references, ENROLLING, by()),
      );
    }
  });
  afterEach(async () => {
    for (const one of opened) await one.close();
  });

  const open = async (more: Partial<JobsOptions> = {}) => {
    const onTrouble = (error: Error) => troubles.push(error);
    const one = await openJobs(store, { clock, onTrouble, supervise: true, ...more });
    opened.push(one);
    return one;
  };
  const create = async (items: readonly NewBulkItem[], { with: asked = jobs } = {}) => {
    const { id } = await asked.create({ kind: 'verify', title: 'cheques' }, by());
    await asked.addItems(id, items, by());
    await asked.start(id, by());
    return id;
  };
  const images = () => store.database.orm.$count(bulkItems, sql`image IS NOT NULL`);
  const decided = () => store.database.orm.$count(decisions);
  const requireSound = async () => {
    expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });
    expect((await checkStore(store)).problems).toEqual([]);
  };

  it('comes to one decision for each item, with what was refused and why, and keeps no image', async () => {
    const count = CHUNK_ITEMS + 5;
    const id = await create([
      ...Array.from({ length: count }, (_, i) => itemOf('A', signedAt(i === 0 ? 10 : 12 + i / 100), { label: `${i}` })),
      itemOf('B', signedAt(90)),
      itemOf('B', blank()),
      itemOf('nobody', signedAt(1)),
      itemOf('A', signedAt(12), { policy: 'none' }),
      itemOf('A', Buffer.alloc(0)),
      itemOf('A', new CountersignError('IMAGE_NOT_FOUND', 'There is no file x.png.')),
    ]);
    expect(await jobs.get(id.slice(0, 8), clock())).toMatchObject({
      ...{ id, state: 'queued', title: 'cheques', progress: { done: 1, total: count + 6 } },
    });
    await jobs.work({ embedders: embeddersOf(network) });
    expect(await until(jobs, id, 'done')).toMatchObject({
      items: { waiting: 0, settled: count + 2, refused: 4, failed: 0, cancelled: 0 },
      results: { accept: count - 1, review: 1, reject: 1, inconclusive: 1 },
      progress: { done: count + 6, total: count + 6, secondsLeft: null },
      problem: null,
    });
    const results = await resultsOf(jobs, id);
    expect(results.map(({ position }) => position)).toEqual(results.map((_, i) => i + 1));
    expect(results[0]).toMatchObject({ writer: 'A', label: '0', result: 'review', caseId: expect.any(String) });
    expect(results.slice(count).map(({ result, code }) => [result, code])).toEqual([
      ...[
        ['reject', null],
        ['inconclusive', null],
        [null, 'WRITER_NOT_FOUND'],
        [null, 'POLICY_NOT_FOUND'],
      ],
      ...[
        [null, 'IMAGE_EMPTY_FILE'],
        [null, 'IMAGE_NOT_FOUND'],
      ],
    ]);
    const { orm } = store.database;
    const rows = await orm.select().from(decisions);
    expect(rows.map((row) => row.id).sort()).toEqual(results.flatMap(({ decisionId }) => decisionId ?? []).sort());
    expect(rows[0]!.actor).toBe('archive');
    expect([await orm.$count(cases), await images()]).toEqual([1, 0]);
    const log = await orm.select().from(auditLog).orderBy(asc(auditLog.seq));
    expect(log.filter(({ action }) => action === 'decision.made')).toHaveLength(count + 2);
    expect(log.filter(({ subjectIds }) => subjectIds.includes(id)).map(({ action }) => action)).toEqual([
      ...['job.created', 'job.started', 'job.finished'],
    ]);
    await requireSound();
    expect(troubles).toEqual([]);
  });

  it('is shared by workers, and comes to one decision for each item though two have the same message', async () => {
    const chunks = 4;
    const count = chunks * CHUNK_ITEMS;
    const id = await create(Array.from({ length: count }, () => itemOf('A', signedAt(12))));
    // As if a worker had been taken for dead, and was not.
    const queue = await openQueue(store.database, { onTrouble: (error) => troubles.push(error), supervise: false });
    const again = Array.from({ length: chunks }, (_, i) => ({
      ...{ job: id, from: 1 + i * CHUNK_ITEMS, to: (i + 1) * CHUNK_ITEMS },
    }));
    await store.database.transaction((tx) => queue.send(tx, 'chunks', again));
    await queue.close(0);
    const seen = [0, 0];
    let release: () => void = () => undefined;
    const bothAtWork = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const worker of [0, 1]) {
      const embedder = watching((images) => {
        seen[worker]! += images.length;
        if (Math.min(...seen) > 0) release();
        return bothAtWork;
      });
      await (await open()).work({ embedders: embeddersOf(embedder), chunks });
    }
    await until(jobs, id, 'done');
    expect(seen[0]! + seen[1]!).toBeGreaterThan(count); // some was done twice, and counted once
    expect(await decided()).toBe(count);
    await requireSound();
    expect(troubles).toEqual([]);
  });

  it('stops where it is cancelled: nothing is decided after that, and no image is left', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let calls = 0;
    const inHand = new Promise<void>((resolve) => {
      const embedder = watching(() => {
        if (++calls === 1) return undefined;
        resolve();
        return released;
      });
      void jobs.work({ embedders: embeddersOf(embedder), chunks: 1 });
    });
    const id = await create(Array.from({ length: 3 * CHUNK_ITEMS }, () => itemOf('A', signedAt(12))));
    await inHand;
    const cancelled = await jobs.cancel(id, by());
    expect(cancelled).toMatchObject({
      ...{ state: 'cancelled', items: { settled: CHUNK_ITEMS, cancelled: 2 * CHUNK_ITEMS, waiting: 0 } },
    });
    release();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([await decided(), await images()]).toEqual([CHUNK_ITEMS, 0]);
    expect((await jobs.cancel(id, by())).state).toBe('cancelled');
    await expect(jobs.retry(id, by())).rejects.toMatchObject({ code: 'JOB_STATE' });
    await requireSound();
  });

  it('lets a worker that ends finish what it has in hand, and take nothing more', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const leaving = await open();
    const inHand = new Promise<void>((resolve) => {
      const embedder = watching(() => {
        resolve();
        return released;
      });
      void leaving.work({ embedders: embeddersOf(embedder), chunks: 1 });
    });
    const id = await create(Array.from({ length: 3 * CHUNK_ITEMS }, () => itemOf('A', signedAt(12))));
    await inHand;
    const closed = leaving.close(30_000);
    release();
    await closed;
    expect(await decided()).toBe(CHUNK_ITEMS);
    await jobs.work({ embedders: embeddersOf(network) });
    await until(jobs, id, 'done');
    expect(await decided()).toBe(3 * CHUNK_ITEMS);
    expect(await store.database.orm.$count(bulkItems, sql`attempts > 0`)).toBe(0);
    expect(troubles).toEqual([]);
  });

  it('gives up an item that fails time and again, and that one alone; and tries it anew when asked to', async () => {
    let broken = true;
    const embedder = watching((images) => {
      if (broken && images.some((image) => image.toString().startsWith('13 '))) throw new Error('the disk is on fire');
    });
    const asking = await open({ retries: { limit: 2, delaySeconds: 0 } });
    await jobs.work({ embedders: embeddersOf(embedder) });
    const id = await create(
      [12, 13, 14].map((degrees) => itemOf('A', signedAt(degrees))),
      { with: asking },
    );
    const failed = await until(jobs, id, 'failed');
    expect(failed).toMatchObject({ items: { settled: 2, failed: 1, waiting: 0 }, results: { accept: 2 } });
    expect((await resultsOf(jobs, id))[1]).toMatchObject({ state: 'failed', code: 'WORKER_FAILED', result: null });
    expect(await images()).toBe(1);
    broken = false;
    expect(await asking.retry(id, by())).toMatchObject({ state: 'queued', items: { waiting: 1, failed: 0 } });
    expect(await until(jobs, id, 'done')).toMatchObject({ items: { settled: 3, failed: 0 }, results: { accept: 3 } });
    expect([await decided(), await images()]).toEqual([3, 0]);
    await requireSound();
  });

  it('says what the system said where that was in the way, and drops it when it is cancelled', async () => {
    const full = new CountersignError('WRITE_FAILED', 'The disk is full.');
    const asking = await open({ retries: { limit: 1, delaySeconds: 0 } });
    await jobs.work({
      embedders: embeddersOf(
        watching(() => {
          throw full;
        }),
      ),
    });
    const id = await create([itemOf('A', signedAt(12))], { with: asking });
    await until(jobs, id, 'failed');
    expect(await resultsOf(jobs, id)).toMatchObject([{ state: 'failed', code: full.code, reason: full.message }]);
    expect(await jobs.cancel(id, by())).toMatchObject({ state: 'cancelled', items: { failed: 0, cancelled: 1 } });
    expect(await images()).toBe(0);
  });

  it('forgets an erased writer, in the queue too, and goes on with the others', async () => {
    const id = await create([...['A', 'B', 'A'].map((number) => itemOf(number, signedAt(12))), itemOf('A', blank())]);
    const { writers } = await eraseWriters(store, ['A'], by());
    expect(writers[0]!.removed).toMatchObject({ bulkItems: 3 });
    await jobs.work({ embedders: embeddersOf(network) });
    expect(await until(jobs, id, 'done')).toMatchObject({ items: { settled: 1 }, progress: { total: 1 } });
    expect(await resultsOf(jobs, id)).toMatchObject([{ position: 2, writer: 'B', result: 'accept' }]);
    await eraseWriters(store, ['B'], by());
    expect(await resultsOf(jobs, id)).toEqual([]);
    await requireSound();
  });

  it('ends a worker whose model is not the active one, and leaves the items to others', async () => {
    const id = await create([itemOf('A', signedAt(12))]);
    const wrong = await open();
    const { ended } = await wrong.work({ embedders: embeddersOf(madeUpEmbedder(calibrated('model-2'))) });
    expect(await ended).toMatchObject({ code: 'MODEL_NOT_ACTIVE' });
    const failed = troubles.length;
    const late = await create([itemOf('B', signedAt(12))]);
    await new Promise((resolve) => setTimeout(resolve, 3000)); // longer than a worker waits between two looks
    expect(troubles).toHaveLength(failed); // it has taken nothing more, though it is still there
    await wrong.close();
    await jobs.work({ embedders: embeddersOf(network) });
    for (const job of [id, late]) await until(jobs, job, 'done');
    expect(await decided()).toBe(2);
  });

  it('ends a job in which nothing waits: all was refused on its way in, or erased', async () => {
    const missing = new CountersignError('IMAGE_NOT_FOUND', 'There is no file.');
    const refused = await create([itemOf('A', missing), itemOf('B', missing)]);
    await jobs.work({ embedders: embeddersOf(network) });
    expect(await until(jobs, refused, 'done')).toMatchObject({ items: { refused: 2 } });
    const { id } = await jobs.create({ kind: 'verify' }, by());
    await jobs.addItems(id, [itemOf('C', signedAt(12))], by());
    await eraseWriters(store, ['C'], by());
    await jobs.start(id, by());
    await until(jobs, id, 'done');
  });

  it('removes the images of a job whose cancellation was interrupted', async () => {
    const id = await create([itemOf('A', signedAt(12)), itemOf('B', signedAt(12))]);
    await store.database.transaction((tx) => cancelBulkJob(tx, store.keys, id, by())); // and there it was killed
    expect(await images()).toBe(2);
    await jobs.work({ embedders: embeddersOf(network) });
    expect(await images()).toBe(0);
    expect(await jobs.get(id, clock())).toMatchObject({ state: 'cancelled', items: { cancelled: 2 } });
  });

  it('looks at no image that is larger than the limits', async () => {
    const limits = { maxPixels: 100 };
    const seen: unknown[] = [];
    const limited: ModelEmbedder = {
      ...network,
      embedFiles(images, given) {
        seen.push(given);
        return network.embedFiles(images, given);
      },
    };
    await jobs.work({ embedders: embeddersOf(limited), limits });
    await until(jobs, await create([itemOf('A', signedAt(12))]), 'done');
    expect(seen).toEqual([limits]);
  });

  it('refuses what does not fit the state of a job', async () => {
    const refused = (code: string, work: Promise<unknown>) => expect(work).rejects.toMatchObject({ code });
    await refused('JOB_NOT_FOUND', jobs.get('abc', clock()));
    await refused('JOB_NOT_FOUND', jobs.get('no id', clock()));
    const { id } = await jobs.create({ kind: 'verify' }, by());
    await refused('JOB_STATE', jobs.start(id, by()));
    await refused('INVALID_ARGUMENT', jobs.addItems(id, [itemOf('A', signedAt(12), { amount: '1' })], by()));
    await jobs.addItems(id, [itemOf('A', signedAt(12), { amount: '1', currency: 'EUR' })], by());
    await refused('JOB_STATE', jobs.retry(id, by()));
    await jobs.start(id, by());
    await refused('JOB_STATE', jobs.start(id, by()));
    await refused('JOB_STATE', jobs.addItems(id, [itemOf('A', signedAt(12))], by()));
    await jobs.work({ embedders: embeddersOf(network) });
    await until(jobs, id, 'done');
    await refused('JOB_STATE', jobs.cancel(id, by()));
    await refused('INVALID_ARGUMENT', jobs.create({ kind: 'verify', parameters: { model: 'x' } }, by()));
    await refused('INVALID_ARGUMENT', jobs.create({ kind: 'evaluate', parameters: { data: '../x' } }, by()));
    const fails = jobs.create({ kind: 'verify' }, by(), async () => {
      throw new Error('no');
    });
    await expect(fails).rejects.toThrow('no');
    const { items, nextCursor } = await jobs.list({ at: clock(), limit: 50 });
    expect([items.map((job) => job.id), nextCursor]).toEqual([[id], null]);
  });
});

it('goes on in a store that a backup was brought back into', async () => {
  const backend = await startFolders();
  const env = { COUNTERSIGN_KEY: Buffer.alloc(32, 7).toString('base64url') };
  const settings = { clock, onTrouble: () => undefined, supervise: true };
  try {
    const file = path.join(await temporaryFolder(), 'backup.gz');
    const before = await openStore(await backend.createStore(), env);
    const asked = await openJobs(before, settings);
    const { id } = await asked.create({ kind: 'verify' }, by());
    await asked.addItems(id, [itemOf('nobody', signedAt(1))], by());
    await asked.start(id, by());
    await asked.close();
    await backup(before.database, file, clock());
    await before.close();
    const location = await backend.createStore();
    await restore(location, file, before.keys);
    const after = await openStore(location, env);
    const jobs = await openJobs(after, settings);
    await jobs.work({ embedders: embeddersOf(network) });
    expect(await until(jobs, id, 'done')).toMatchObject({ items: { refused: 1 } });
    await jobs.close();
    await after.close();
  } finally {
    await backend.stop();
  }
});
