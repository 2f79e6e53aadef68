/** Bulk enrolment, re-embedding and evaluation, with a real if tiny network. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { signGenuine } from '../../src/data/synthetic/sign.js';
import { encodePng, synthesizeDataset } from '../../src/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../../src/data/synthetic/writer.js';
import { CHUNK_ITEMS } from '../../src/jobs/chunk.js';
import { type Jobs, openJobs } from '../../src/jobs/jobs.js';
import { policySchema } from '../../src/policy/document.js';
import { type ModelEmbedder, openEmbedder } from '../../src/runtime/model-embedder.js';
import { activeModel } from '../../src/store/active-model.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import type { NewBulkItem } from '../../src/store/bulk-items.js';
import { checkStore } from '../../src/store/check.js';
import { showWriter } from '../../src/store/list-writers.js';
import { activatePolicy, addPolicy } from '../../src/store/policies.js';
import { openJob } from '../../src/store/reembedding.js';
import { referenceSignatures } from '../../src/store/schema.js';
import type { Store } from '../../src/store/store.js';
import { startFolders, startServer } from '../store/backends.js';
import { onFreshStore } from '../store/fresh-store.js';
import { CALIBRATED } from '../store/made-up-embedder.js';
import { writeTinyModel } from '../tiny-network.js';
import { by, clock, embeddersOf, itemOf, resultsOf, until } from './items.js';

let root: string;
let network: ModelEmbedder;
let next: ModelEmbedder;
let signed: (writer: number, signature: number) => Buffer;
let blankPaper: Buffer;

const WRITERS = 12;
const EACH = 3;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'countersign-jobs-'));
  for (const [name, scale] of [
    ['model', 2],
    ['next', 1.9],
  ] as const)
    writeTinyModel(path.join(root, `${name}.onnx`), scale);
  network = await openEmbedder(path.join(root, 'model.onnx'));
  next = await openEmbedder(path.join(root, 'next.onnx'));
  const rng = new Rng('jobs');
  const images = new Map<string, Buffer>();
  for (let w = 1; w <= WRITERS; w++) {
    const writer = createWriter(rng, w);
    for (let i = 1; i <= EACH; i++) {
      images.set(`${w} ${i}`, await encodePng(signGenuine(writer, rng.fork(`${w} ${i}`))));
    }
  }
  signed = (writer, signature) => images.get(`${writer} ${signature}`)!;
  blankPaper = await encodePng({ width: 80, height: 40, data: new Uint8Array(3200).fill(255) });
  await synthesizeDataset(path.join(root, 'data', 'made-up'), { writers: 4, genuine: 4, forged: 3, seed: 3 });
}, 300_000);
afterAll(async () => {
  await network?.close();
  await next?.close();
  rmSync(root, { recursive: true, force: true });
}, 300_000);

describe.each([
  ['PGlite in a folder', startFolders],
  ['PostgreSQL', startServer],
] as const)('bulk work on %s', (_, start) => {
  let store: Store;
  let jobs: Jobs;
  let troubles: Error[];
  onFreshStore(start, async (fresh) => {
    store = fresh;
    troubles = [];
    jobs = await openJobs(store, { clock, onTrouble: (error) => troubles.push(error), supervise: true });
  });
  afterEach(() => jobs.close());
  const work = () =>
    jobs.work({ embedders: embeddersOf(network, { next, own: network }), dataRoot: path.join(root, 'data') });

  const enrolAll = async (items: readonly NewBulkItem[]) => {
    const { id } = await jobs.create({ kind: 'enrol' }, by());
    await jobs.addItems(id, items, by());
    await jobs.start(id, by());
    return until(jobs, id, 'done', 'failed');
  };
  /** By signature, so that the items of a writer lie in several chunks. */
  const everybody = () =>
    Array.from({ length: EACH }, (_, i) =>
      Array.from({ length: WRITERS }, (_, w) => itemOf(`${w + 1}`, signed(w + 1, i + 1), { name: `Writer ${w + 1}` })),
    ).flat();

  it('enrols the items of each writer together, wherever they lie, and says what was refused', async () => {
    await work();
    const items = [
      ...everybody(),
      itemOf('1', signed(1, 1), { label: 'again.png' }),
      itemOf('2', blankPaper, { label: 'blank.png' }),
      itemOf('nothing', Buffer.from('no image'), { label: 'none.png' }),
    ];
    expect(items.length).toBeGreaterThan(CHUNK_ITEMS);
    const job = await enrolAll(items);
    expect(job).toMatchObject({ state: 'done', items: { settled: WRITERS * EACH, refused: 3, failed: 0 } });
    expect(Object.values(job.results).reduce((sum, number) => sum + number)).toBe(WRITERS * EACH);
    const results = await resultsOf(jobs, job.id);
    expect(results.slice(-3).map(({ code, reason }) => [code, reason])).toEqual([
      ['REFERENCE_DUPLICATE', expect.stringContaining('again.png is the same file as')],
      ['IMAGE_BLANK', expect.stringContaining('blank.png')],
      ['IMAGE_UNDECODABLE', expect.stringContaining('none.png')],
    ]);
    const { orm } = store.database;
    const rows = await orm.select({ id: referenceSignatures.id }).from(referenceSignatures);
    expect(results.flatMap(({ referenceId }) => referenceId ?? []).sort()).toEqual(rows.map(({ id }) => id).sort());
    const shown = await showWriter(orm, '3', clock());
    expect(shown).toMatchObject({ name: 'Writer 3', references: Array(EACH).fill({}) });
    await expect(showWriter(orm, 'nothing', clock())).rejects.toMatchObject({ code: 'WRITER_NOT_FOUND' });
    // One row for each writer: all of the writer's items in one transaction.
    const verified = await verifyAuditLog(store.database, store.keys);
    expect(verified).toEqual({ valid: true, rows: 1 + WRITERS + 3 });
    expect((await checkStore(store)).problems).toEqual([]);
    expect(troubles).toEqual([]);
  });

  it('is asked for while no more of it is done here, and is done by whoever comes next', async () => {
    await work();
    const { id } = await jobs.create({ kind: 'enrol' }, by());
    await jobs.close(1000);
    await jobs.addItems(id, everybody(), by());
    expect(await jobs.start(id, by())).toMatchObject({ state: 'queued' });
    expect(
      await jobs.cancel((await jobs.create({ kind: 'reembed', parameters: { model: 'next' } }, by())).id, by()),
    ).toMatchObject({ state: 'cancelled' });
    jobs = await openJobs(store, { clock, onTrouble: (error) => troubles.push(error), supervise: true });
    await work();
    expect(await until(jobs, id, 'done', 'failed')).toMatchObject({ results: { enrolled: WRITERS * EACH } });
  });

  it('moves the store to another model, or gives that up', async () => {
    await work();
    await enrolAll(everybody());
    const { orm } = store.database;
    const bands = [{ far: 0.1, frr: 0.1, casesFor: ['review' as const] }];
    const policy = policySchema.parse({ schema: 'countersign/policy@1', name: 'cheques', title: 'Cheques', bands });
    const { name, version } = await addPolicy(store, policy, by());
    const activation = by();
    await activatePolicy(store, { name, version }, { ...CALIBRATED, id: network.modelId }, activation.at, activation);
    const { id } = await jobs.create({ kind: 'reembed', parameters: { model: 'next' } }, by());
    expect(await until(jobs, id, 'done', 'failed')).toMatchObject({
      ...{ state: 'done', items: null, results: { references: WRITERS * EACH, refused: 0 } },
      progress: { done: WRITERS * EACH, total: WRITERS * EACH },
      unkeptPolicies: [{ name, version, reason: expect.stringContaining('calibration') }],
    });
    expect(await activeModel(orm)).toMatchObject({ id: next.modelId });
    const unknown = await jobs.create({ kind: 'reembed', parameters: { model: 'none' } }, by());
    expect(await until(jobs, unknown.id, 'done', 'failed')).toMatchObject({
      ...{ state: 'failed', problem: { code: 'MODEL_NOT_FOUND' } },
    });

    await jobs.close();
    let cancelled: Promise<unknown> | undefined;
    jobs = await openJobs(store, { clock, onTrouble: (error) => troubles.push(error), supervise: true });
    const back = await jobs.create({ kind: 'reembed', parameters: { model: 'back' } }, by());
    const slow: ModelEmbedder = {
      ...network,
      async embedFiles(images) {
        cancelled ??= jobs.cancel(back.id, by());
        await cancelled;
        return network.embedFiles(images);
      },
    };
    await jobs.work({ embedders: embeddersOf(next, { back: slow }) });
    expect(await until(jobs, back.id, 'cancelled')).toMatchObject({ state: 'cancelled' });
    await cancelled;
    expect([await activeModel(orm), await openJob(orm)]).toEqual([
      expect.objectContaining({ id: next.modelId }),
      undefined,
    ]);
  });

  it('evaluates a data set below the data folder, and keeps the report', async () => {
    await work();
    const evaluate = async (data: string) => {
      const { id } = await jobs.create({ kind: 'evaluate', parameters: { data, probe: false } }, by());
      return until(jobs, id, 'done', 'failed');
    };
    const job = await evaluate('made-up');
    expect(job).toMatchObject({ state: 'done', results: { writers: 4, equalErrorRate: expect.any(Number) } });
    const { json, page } = (await jobs.report(job))!;
    expect(JSON.parse(json)).toMatchObject({ schema: 'countersign/evaluation@1', modelId: network.modelId });
    expect(JSON.parse(json).skilled.eer.value).toBe(job.results.equalErrorRate);
    expect(page).toMatch(/^<!doctype html>/i);
    expect(await evaluate('not-there')).toMatchObject({ state: 'failed', problem: { code: 'DATASET_NOT_FOUND' } });
    expect(await jobs.report(await evaluate('not-there'))).toBeUndefined();
  });
});
