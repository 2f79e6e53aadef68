/** How the service answers, whatever it is asked: paths, errors, overload, its end, figures, models, the page. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync } from 'node:zlib';
import { trace } from '@opentelemetry/api';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCurves } from '../../src/evaluate/error-curves.js';
import { type ModelEmbedder, openEmbedder } from '../../src/runtime/model-embedder.js';
import type { Job } from '../../src/runtime/pool.js';
import type { Environment } from '../../src/server/environment.js';
import { addStaticPage } from '../../src/server/static-page.js';
import { TokenBuckets } from '../../src/server/token-buckets.js';
import { showWriter } from '../../src/store/list-writers.js';
import { models } from '../../src/store/schema.js';
import { PACKAGE_MODELS } from '../../src/verify/package-models.js';
import { type Backend, startFolders } from '../store/backends.js';
import { temporaryFolder } from '../temporary-folder.js';
import { AT, startTestService, useService } from './running-service.js';
import { base64, genuine } from './signatures.js';

describe('a service', () => {
  const service = useService({ config: { cors: ['https://bank.example'] } });
  let image: Buffer;
  beforeAll(async () => {
    image = await genuine(1, 1);
  });

  it('says what is wrong with a request, and where', async () => {
    const { refused } = service();
    const detail = async (body: object) => (await refused('compare', { body }, 'REQUEST_INVALID')).detail;
    expect(await detail({})).toMatch(/^body\.references: .*; body\.questioned: /);
    expect(await detail({ references: [], questioned: base64(image) })).toMatch(/^body\.references: /);
    expect(await detail({ references: ['%'], questioned: base64(image) })).toMatch(/^body\.references\.0: .*base64/);
    expect(await detail({ references: [base64(image)], questioned: base64(image), treshold: 1 })).toContain('treshold');
    expect((await refused('listWriters', { query: { limit: 1000 } }, 'REQUEST_INVALID')).detail).toMatch(
      /^query\.limit/,
    );
    expect((await refused('me', { query: { all: true } }, 'REQUEST_INVALID')).detail).toContain('"all"');
    const { details } = await refused('compare', { body: {} }, 'REQUEST_INVALID');
    expect(details!.issues).toHaveLength(2);
  });

  it('knows only JSON and forms, as they come', async () => {
    const { refused } = service();
    const text = { 'content-type': 'text/plain' };
    await refused('embed', { body: {}, headers: text }, 'REQUEST_UNSUPPORTED');
    await refused('embed', { body: {}, headers: { 'content-encoding': 'gzip' } }, 'REQUEST_UNSUPPORTED');
    const form = new FormData();
    form.append('image', new Blob([image]));
    form.append('image', new Blob([image]));
    expect((await refused('embed', { body: form }, 'REQUEST_INVALID')).detail).toContain('it came 2 times');
  });

  it('answers what is not there, and methods that a path does not know, as problems', async () => {
    const nowhere = await fetch(`${service().url}/v1/nowhere`);
    expect(nowhere.status).toBe(404);
    expect(await nowhere.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND', type: '/docs/errors#ROUTE_NOT_FOUND' });
    const wrong = await fetch(`${service().url}/v1/keys`, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(await wrong.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED', title: 'Method not allowed' });
    const head = await fetch(`${service().url}/health`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const errors = await (await fetch(`${service().url}/docs/errors`)).text();
    expect(errors).toContain('id="ROUTE_NOT_FOUND"');
  });

  it('lets pages of the origins that are configured call it, and of no other', async () => {
    const allowed = async (origin: string) => {
      const { headers } = await fetch(`${service().url}/v1/compare`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      return headers.get('access-control-allow-origin');
    };
    expect(await allowed('https://bank.example')).toBe('https://bank.example');
    expect(await allowed('https://evil.example')).toBeNull();
  });

  it('gives an embedding, and the picture that it is of', async () => {
    const { embedding, quality, modelId } = await service().ask('embed', { body: { image: base64(image) } });
    expect(embedding).toHaveLength(service().embedder.dimension);
    const logarithm = Math.abs(Math.log(Math.hypot(...embedding))); // of its radius
    expect(logarithm).toBeGreaterThan(1e-4);
    expect(logarithm).toBeLessThan(0.2);
    expect(quality.warnings).toEqual([]);
    expect(modelId).toBe(service().embedder.modelId);
    const png = Buffer.from(await (await service().ask('clean', { body: { image: base64(image) } })).arrayBuffer());
    const { height, width } = service().embedder.metadata.preprocess.canvas;
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height]);
    await service().refused('clean', { body: { image: base64(Buffer.from('hello')) } }, 'IMAGE_UNDECODABLE');
  });

  it('tells of its models, with cards and with error rates at every threshold', async () => {
    const { items } = await service().ask('listModels', { key: 'review' });
    expect(items.map(({ names }) => names)).toEqual([['default'], ['careful'], ['small'], ['float'], ['synthetic']]);
    const [running, careful, , float] = items;
    expect(running).toMatchObject({ running: true, dimension: 512, facts: { quantizedFrom: float!.id } });
    expect(float!.running).toBe(false);
    expect(careful).toMatchObject({ dimension: 512, facts: { views: 2 } });
    const ofCareful = await service().ask('modelCard', { params: { model: 'careful' } });
    expect(ofCareful.markdown).toContain(
      'seen as it is and, mirrored, one and a half times as large; output: 512 numbers, whose norm depends on the image',
    );
    const { markdown } = await service().ask('modelCard', { params: { model: 'default' } });
    expect(markdown).toContain(`# Model card: ${items[0]!.id}`);
    expect(markdown).toMatch(/\d+\.\d+ %/); // as it was measured
    const card = await service().ask('modelCard', { params: { model: float!.id } });
    expect(card.markdown).toContain(`# Model card: ${float!.id}`);
    const { curves } = await service().ask('modelCurves', { params: { model: 'default' } });
    expect(curves).toEqual(JSON.parse(JSON.stringify(errorCurves(service().embedder.metadata.calibration!))));
    await service().refused('modelCurves', { params: { model: 'none' } }, 'MODEL_NOT_FOUND');
  });

  it('counts for Prometheus by the pattern of the path', async () => {
    await service().refused('getWriter', { params: { writer: 'nobody' } }, 'WRITER_NOT_FOUND');
    await service().ask('compare', { body: { references: [base64(image)], questioned: base64(image) } });
    const figures = await (await service().ask('metrics')).text();
    expect(figures).toMatch(
      /countersign_requests_total\{method="GET",route="\/v1\/writers\/\{writer\}",status="404"\} [1-9]/,
    );
    expect(figures).toMatch(/countersign_decisions_total\{kind="compare",result="accept"\} [1-9]/);
    expect(figures).toMatch(/countersign_request_seconds_bucket\{le="0\.005",method="GET",route="\/v1\/me"\}|route="/);
    expect(figures).toContain('countersign_images_waiting 0');
    expect(figures).toContain('countersign_workers 1');
    expect(figures).not.toContain('nobody');
  });

  it('has a span for each request, by the pattern of the path, where somebody listens', async () => {
    const spans: { name: string; attributes: object; ended: boolean }[] = [];
    const startSpan = () => {
      const span = { name: '', attributes: {}, ended: false };
      spans.push(span);
      return {
        updateName(name: string) {
          span.name = name;
        },
        setAttributes(attributes: object) {
          span.attributes = attributes;
        },
        setStatus: () => undefined,
        end() {
          span.ended = true;
        },
      };
    };
    const startActiveSpan = (...given: unknown[]) => (given.at(-1) as (span: unknown) => unknown)(startSpan());
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan }) } as never);
    await service().refused('getWriter', { params: { writer: 'nobody' } }, 'WRITER_NOT_FOUND');
    trace.disable();
    const attributes = { 'http.request.method': 'GET', 'http.route': '/v1/writers/{writer}' };
    expect(spans).toEqual([
      {
        name: 'GET /v1/writers/{writer}',
        attributes: { ...attributes, 'http.response.status_code': 404 },
        ended: true,
      },
    ]);
  });

  it('is ready while store and network belong together', async () => {
    expect(await service().ask('ready', { key: null })).toMatchObject({ modelId: service().embedder.modelId });
    const { orm } = service().store.database;
    await orm.insert(models).values({ id: 'another', dimension: 4, active: true, createdAt: AT });
    await service().refused('ready', { key: null }, 'MODEL_NOT_ACTIVE');
    await orm.delete(models);
  });
});

describe('a service with more to do than it can', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await startFolders();
  }, 300_000);
  afterAll(() => backend.stop(), 60_000);

  /** A network that waits until it is let go on. */
  async function gatedEmbedder() {
    const real = await openEmbedder(PACKAGE_MODELS.default, { workers: 1 });
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const seeFiles: ModelEmbedder['seeFiles'] = async (...given) => {
      await gate;
      return real.seeFiles(...given);
    };
    return { open, embedder: { ...real, seeFiles } };
  }

  it('sees a picture once, however closely it is cleaned and compared', async () => {
    const real = await openEmbedder(PACKAGE_MODELS.default, { workers: 1 });
    let seen = 0;
    const seeFiles: ModelEmbedder['seeFiles'] = (sources, limits) => {
      seen += sources.length;
      return real.seeFiles(sources, limits);
    };
    const service = await startTestService(backend, { embedder: { ...real, seeFiles } });
    const [a, b] = [base64(await genuine(1, 1)), base64(await genuine(1, 2))];
    const body = { references: [a], questioned: b };
    const clean = async (image: string) => {
      const picture = await service.ask('clean', { body: { image } });
      return Buffer.from(await picture.arrayBuffer());
    };
    const [first, , answer] = await Promise.all([clean(a), clean(a), service.ask('compare', { body })]);
    expect([seen, answer.referenceCount]).toEqual([2, 1]);
    expect(await clean(a)).toEqual(first);
    expect(await clean(b)).not.toEqual(first);
    expect(seen).toBe(2);
    await service.close();
  });

  it('answers OVERLOADED at once where too many images wait, and goes on with those that do', async () => {
    const { open, embedder } = await gatedEmbedder();
    const service = await startTestService(backend, { embedder, config: { queue: 4, cache: 0 } });
    const [a, b] = [base64(await genuine(1, 1)), base64(await genuine(1, 2))];
    const body = { references: [a], questioned: b };
    const waiting = [service.ask('compare', { body }), service.ask('compare', { body })];
    await expect
      .poll(async () => (await (await service.ask('metrics')).text()).includes('images_waiting 4'))
      .toBe(true);
    const started = performance.now();
    const refused = await service.fetch('embed', { body: { image: a } });
    expect(performance.now() - started).toBeLessThan(10_000); // not after the answers that it would wait for, which never come
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ code: 'OVERLOADED', details: { waiting: 4, queue: 4 } });
    await service.ask('health', { key: null });
    open();
    for (const answer of await Promise.all(waiting)) expect(answer.distance).toBeGreaterThan(0);
    await service.ask('embed', { body: { image: a } });
    await service.close();
  });

  it('finishes what it accepted when it ends, and accepts nothing more', async () => {
    const { open, embedder } = await gatedEmbedder();
    const service = await startTestService(backend, { embedder });
    const image = base64(await genuine(1, 1));
    const accepted = service.fetch('embed', { body: { image } });
    await expect
      .poll(async () => (await (await service.ask('metrics')).text()).includes('images_waiting 1'))
      .toBe(true);
    const closed = service.close();
    // A connection that was idle is closed with the service, or, where the signal came in between, told so.
    const late = await service.fetch('embed', { body: { image } }).catch(() => undefined);
    expect([undefined, 503]).toContain(late?.status);
    open();
    const answer = await accepted;
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    expect((await answer.json()) as object).toHaveProperty('embedding');
    await closed;
  });

  it('finishes what it accepted also where the client is gone', async () => {
    const { open, embedder } = await gatedEmbedder();
    const service = await startTestService(backend, { embedder });
    const references = [{ image: base64(await genuine(1, 1)) }];
    const gone = new AbortController();
    const lost = fetch(`${service.url}/v1/writers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.keys.admin}`, 'content-type': 'application/json' },
      body: JSON.stringify({ writer: '4711', references }),
      signal: gone.signal,
    });
    await expect
      .poll(async () => (await (await service.ask('metrics')).text()).includes('images_waiting 1'))
      .toBe(true);
    gone.abort();
    await expect(lost).rejects.toThrow('aborted');
    const closed = service.stop();
    const first = await Promise.race([closed.then(() => 'closed'), sleep(300).then(() => 'at work')]);
    expect(first).toBe('at work');
    open();
    await closed;
    const { orm } = service.store.database;
    expect((await showWriter(orm, '4711', AT)).references).toHaveLength(1);
    expect(service.logged.find((line) => line.includes('"POST"'))).toContain('"status":201');
    await service.close();
  });

  it('answers CLOSING once the time for its end is up, and closes', async () => {
    const { open, embedder } = await gatedEmbedder();
    const service = await startTestService(backend, { embedder, config: { timeouts: { shutdownMs: 300 } } });
    const asked = service.refused('embed', { body: { image: base64(await genuine(1, 1)) } }, 'CLOSING');
    await expect
      .poll(async () => (await (await service.ask('metrics')).text()).includes('images_waiting 1'))
      .toBe(true);
    const started = performance.now();
    await service.stop();
    expect(performance.now() - started).toBeLessThan(10_000);
    await asked;
    expect(service.logged.at(-2)).toContain('given up');
    open();
    await service.close();
  });

  it('gives up an answer that takes too long, and lets the client know', async () => {
    const { open, embedder } = await gatedEmbedder();
    const service = await startTestService(backend, { embedder, config: { timeouts: { answerMs: 100 } } });
    await service.refused('embed', { body: { image: base64(await genuine(1, 1)) } }, 'TIMED_OUT');
    open();
    await service.close();
  });

  it('says in its log what failed after its request was answered', async () => {
    let fail: (error: Error) => void = () => undefined;
    const failing = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const { embedder } = await gatedEmbedder();
    const seeFiles = () => failing;
    const service = await startTestService(backend, {
      embedder: { ...embedder, seeFiles },
      config: { timeouts: { answerMs: 100 } },
    });
    await service.refused('embed', { body: { image: base64(await genuine(1, 1)) } }, 'TIMED_OUT');
    const { requestId } = JSON.parse(service.logged.at(-1)!) as { requestId: string };
    fail(new Error('the disk is gone'));
    await expect.poll(() => service.logged.at(-1)).toContain('the disk is gone');
    expect(JSON.parse(service.logged.at(-1)!)).toMatchObject({
      ...{ level: 50, requestId, route: '/v1/embed', code: 'UNEXPECTED' },
      ...{ msg: 'failed after its request was answered' },
    });
    await service.close();
  });

  it('is not ready where no thread that runs the network is left', async () => {
    const embedder = await openEmbedder(PACKAGE_MODELS.default);
    const service = await startTestService(backend, { embedder });
    expect((await service.fetch('ready', { key: null })).status).toBe(200);
    const ending: Job<null, void> = { module: 'data:text/javascript,export default () => process.exit(3)' };
    await embedder.pool.call(ending, null).catch(() => undefined);
    await service.refused('ready', { key: null }, 'WORKER_FAILED');
    await service.close();
  });
});

describe('the page', () => {
  const js = 'console.log("page")';

  it('is served from its folder, with what a browser may keep, compressed where it can be', async () => {
    const folder = await temporaryFolder({
      'index.html': '<!doctype html>',
      'assets/app-1a2b.js': js,
      'assets/app-1a2b.js.br': brotliCompressSync(js),
      '.vite/manifest.json': '{}',
    });
    const app = new Hono<Environment>();
    addStaticPage(app, folder);
    const page = await app.request('/');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const again = await app.request('/', { headers: { 'if-none-match': page.headers.get('etag')! } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const plain = await app.request('/assets/app-1a2b.js');
    expect(await plain.text()).toBe(js);
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const packed = await app.request('/assets/app-1a2b.js', { headers: { 'accept-encoding': 'gzip, br;q=0.9' } });
    expect(packed.headers.get('content-encoding')).toBe('br');
    const hash = (bytes: ArrayBuffer | Buffer) =>
      createHash('sha256')
        .update(Buffer.from(bytes as Buffer))
        .digest('hex');
    expect(hash(await packed.arrayBuffer())).toBe(hash(brotliCompressSync(js)));
    expect((await app.request('/.vite/manifest.json')).status).toBe(404);
  });

  it('says so where it is not built', async () => {
    const app = new Hono<Environment>();
    addStaticPage(app, '/nowhere');
    expect(await (await app.request('/')).text()).toContain('npm run build');
  });
});

describe('a bucket of tokens', () => {
  it('gives so many at once, then so many a minute, and says how long to wait', () => {
    const buckets = new TokenBuckets(60);
    const at = (seconds: number) => new Date(AT.getTime() + seconds * 1000);
    for (let i = 0; i < 60; i++) expect(buckets.take('a', at(0))).toBe(0);
    expect(buckets.take('a', at(0))).toBe(1);
    expect(buckets.take('b', at(0))).toBe(0);
    expect(buckets.take('a', at(1))).toBe(0);
    expect(buckets.take('a', at(1.5))).toBe(1);
    for (let i = 0; i < 60; i++) expect(buckets.take('a', at(1000))).toBe(0);
    expect(buckets.take('a', at(1000))).toBe(1);
    expect(new TokenBuckets(0).take('a', at(0))).toBe(0);
  });
});
