/** Bulk work over HTTP: from the first item to the last line of what came of it. */
import { randomUUID } from 'node:crypto';
import { isNotNull, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { QUEUE_SCHEMA } from '../../src/store/database.js';
import { createWriter } from '../../src/store/enrol.js';
import { bulkItems, decisions } from '../../src/store/schema.js';
import { embeddersOf } from '../jobs/items.js';
import { blank, CALIBRATED, madeUpEmbedder, signedAt } from '../store/made-up-embedder.js';
import { newReference } from '../store/new-reference.js';
import { AT, useService } from './running-service.js';
import { base64 } from './signatures.js';

const network = madeUpEmbedder(CALIBRATED);

describe('bulk work over HTTP', () => {
  const service = useService({ embedder: network });
  const by = { at: AT, actor: 'test' };
  beforeAll(async () => {
    const { store, jobs } = service();
    const references = [0, 10, 20].map((degrees) => newReference(degrees));
    const writer = { externalRef: '4711', name: null, expiresAt: null };
    await store.database.transaction((tx) =>
      createWriter(tx, store.keys, writer, references, { ...CALIBRATED, dimension: 4 }, by),
    );
    await jobs.work({ embedders: embeddersOf(network) });
  }, 300_000);

  const item = (image = signedAt(12), more: object = {}) => ({ writer: '4711', image: base64(image), ...more });
  const until = async (job: string, ...states: readonly string[]) => {
    while (true) {
      const shown = await service().ask('getJob', { params: { job } });
      if (states.includes(shown.state)) return shown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const results = async (job: string, format: string) => {
    const answer = await service().fetch('jobResults', { params: { job }, query: { format } });
    return { type: answer.headers.get('content-type'), text: await answer.text(), answer };
  };

  it('is collected, started, done, and told line by line', async () => {
    const body = { kind: 'verify', title: 'cheques of Monday' };
    const { id: job } = await service().ask('createJob', { body, key: 'verify' });
    const params = { job };
    const items = [item(signedAt(12), { label: '=1+1, b' }), item(blank()), { ...item(), writer: 'nobody' }];
    expect(await service().ask('addJobItems', { params, body: { items }, key: 'verify' })).toEqual({ from: 1, to: 3 });
    const form = new FormData();
    for (const degrees of [13, 14]) {
      form.append('writer', '4711');
      form.append('image', new Blob([new Uint8Array(signedAt(degrees))]));
    }
    expect(await service().ask('addJobItems', { params, body: form, key: 'verify' })).toEqual({ from: 4, to: 5 });
    expect(await service().ask('startJob', { params, key: 'verify' })).toMatchObject({ state: 'queued' });
    expect(await until(job, 'done')).toMatchObject({
      ...{ title: 'cheques of Monday', actor: 'verify', progress: { done: 5, total: 5 } },
      ...{ items: { settled: 4, refused: 1 }, results: { accept: 3, inconclusive: 1 } },
    });
    const csv = await results(job, 'csv');
    expect(csv.type).toBe('text/csv; charset=utf-8');
    expect(csv.answer.headers.get('content-disposition')).toContain(`verify-${job.slice(0, 8)}.csv`);
    const [header, first, ...rest] = csv.text.split('\r\n');
    expect(header).toMatch(/^position,writer,label,state,result,/);
    expect(first).toMatch(/^1,4711,"'=1\+1, b",settled,accept,0\.\d+,/);
    expect(rest).toHaveLength(5);
    const lines = (await results(job, 'ndjson')).text.trim().split('\n');
    expect(lines.map((text) => JSON.parse(text).code)).toEqual([null, null, 'WRITER_NOT_FOUND', null, null]);
    const decided = await service().ask('getDecision', { params: { decision: JSON.parse(lines[0]!).decisionId } });
    expect(decided).toMatchObject({ writer: '4711', decision: 'accept', actor: 'verify' });
    await service().refused('jobResults', { params, query: { format: 'html' } }, 'JOB_STATE');
    expect((await service().ask('listJobs', { query: { state: 'done' } })).items.map(({ id }) => id)).toEqual([job]);
    expect((await service().ask('metrics')).size).toBeGreaterThan(0);
  });

  it('keeps nothing of a writer in the queue of bulk work, and no image of what is settled', async () => {
    const { store } = service();
    const image = signedAt(12);
    const { id: job } = await service().ask('createJob', { body: { kind: 'verify' } });
    const items = [item(image, { label: 'Ottilie Example' }), { ...item(), writer: 'Ottilie Example' }];
    await service().ask('addJobItems', { params: { job }, body: { items } });
    const held = async (table: string) => {
      const { rows } = await store.database.orm.execute(
        sql.raw(`SELECT row_to_json(t)::text AS row FROM ${table} AS t`),
      );
      return JSON.stringify(rows);
    };
    expect(await held('bulk_items')).not.toContain(image.toString('hex')); // sealed
    await service().ask('startJob', { params: { job } });
    const queued = await held(`${QUEUE_SCHEMA}.job`);
    await until(job, 'done');
    for (const messages of [queued, await held(`${QUEUE_SCHEMA}.job`)]) {
      expect(messages).toContain(job);
      expect(messages).not.toMatch(/Ottilie|"4711\\?"/);
    }
    expect(await store.database.orm.$count(bulkItems, isNotNull(bulkItems.image))).toBe(0);
  });

  it('takes what is sent twice once', async () => {
    const again = (key: string) => ({ 'idempotency-key': key });
    const key = randomUUID();
    const create = () => service().ask('createJob', { body: { kind: 'verify' }, headers: again(key) });
    const [{ id: job }, twin] = [await create(), await create()];
    expect(twin.id).toBe(job);
    const add = { params: { job }, body: { items: [item()] }, headers: again(randomUUID()) };
    expect(await service().ask('addJobItems', add)).toEqual({ from: 1, to: 1 });
    expect(await service().ask('addJobItems', add)).toEqual({ from: 1, to: 1 });
    const start = { params: { job }, headers: again(randomUUID()) };
    await service().ask('startJob', start);
    await service().ask('startJob', start);
    expect(await until(job, 'done')).toMatchObject({ progress: { total: 1 } });
  });

  it('is stopped, and refuses what does not fit', async () => {
    const { id: job } = await service().ask('createJob', { body: { kind: 'verify' } });
    const params = { job };
    await service().refused('startJob', { params }, 'JOB_STATE');
    await service().ask('addJobItems', { params, body: { items: [item()] } });
    await service().refused('retryJob', { params }, 'JOB_STATE');
    const before = await service().store.database.orm.$count(decisions);
    expect(await service().ask('cancelJob', { params })).toMatchObject({ state: 'cancelled', items: { cancelled: 1 } });
    await service().refused('startJob', { params }, 'JOB_STATE');
    expect(await service().store.database.orm.$count(decisions)).toBe(before);
    const { id: unknown } = { id: randomUUID() };
    for (const name of ['getJob', 'startJob', 'cancelJob', 'retryJob', 'jobResults'] as const) {
      await service().refused(name, { params: { job: unknown } }, 'JOB_NOT_FOUND');
    }
    for (const body of [
      { kind: 'reembed' },
      { kind: 'verify', parameters: { model: 'synthetic' } },
      { kind: 'evaluate', parameters: { data: '/etc' } },
      { kind: 'reembed', parameters: { model: '/etc/passwd' } },
    ]) {
      await service().refused('createJob', { body }, 'REQUEST_INVALID');
    }
    const half = { items: [item(undefined, { amount: '1' })] };
    await service().refused('addJobItems', { params, body: half }, 'REQUEST_INVALID');
  });

  it('asks for the role that the work itself would', async () => {
    const create = (kind: string, key: string, parameters = {}) => ({ body: { kind, parameters }, key });
    await service().refused('createJob', create('enrol', 'verify'), 'KEY_FORBIDDEN');
    await service().refused('createJob', create('verify', 'enrol'), 'KEY_FORBIDDEN');
    await service().refused('createJob', create('reembed', 'enrol', { model: 'synthetic' }), 'KEY_FORBIDDEN');
    const { id: job } = await service().ask('createJob', create('enrol', 'enrol'));
    const params = { job };
    for (const name of ['startJob', 'cancelJob', 'retryJob'] as const) {
      await service().refused(name, { params, key: 'verify' }, 'KEY_FORBIDDEN');
    }
    const body = { items: [item()] };
    await service().refused('addJobItems', { params, body, key: 'verify' }, 'KEY_FORBIDDEN');
    await service().ask('addJobItems', { params, body, key: 'enrol' });
    await service().ask('startJob', { params, key: 'enrol' });
    expect(await until(job, 'done')).toMatchObject({ items: { refused: 1 } }); // no image, for all the network says
    const evaluate = create('evaluate', 'admin', { data: 'somewhere' });
    const { id } = await service().ask('createJob', evaluate);
    expect(await until(id, 'failed')).toMatchObject({ items: null, problem: { code: 'DATASET_NOT_FOUND' } });
  });
});
