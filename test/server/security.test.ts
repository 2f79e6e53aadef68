/** The claims of docs/security.md, one test each. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { z } from 'zod';
import type { OpenApiDocument } from '../../src/api/document.js';
import { OPERATIONS, type Operation, type OperationName, ROLES } from '../../src/api/operations.js';
import { hugePng } from '../../src/image/huge-png.fixture.js';
import { serviceConfigSchema } from '../../src/server/config.js';
import { drawSessionKey, KeyGuard, type SessionKey } from '../../src/server/key-guard.js';
import { type RunningService, startService } from '../../src/server/service.js';
import { createApiKey, drawKey, revokeApiKey } from '../../src/store/api-keys.js';
import { TABLES } from '../../src/store/backup-format.js';
import type { Store } from '../../src/store/store.js';
import { sendRaw, statusOf } from './raw-http.js';
import { AT, type TestService, useService } from './running-service.js';
import { base64, genuine } from './signatures.js';

const ROUTES = Object.entries(OPERATIONS) as [OperationName, Operation][];

/** Every row of every table; when a key was last used is no secret of anybody's. */
async function contents({ database }: Store): Promise<string> {
  const tables = await Promise.all(
    TABLES.map(async (table) => {
      const row = table === 'api_keys' ? `to_jsonb(t) - 'last_used_at'` : 'to_jsonb(t)';
      const { rows } = await database.orm.execute(
        sql.raw(`SELECT (${row})::text AS row FROM ${table} AS t ORDER BY 1`),
      );
      return [table, rows];
    }),
  );
  return JSON.stringify(tables);
}

describe('a service', () => {
  const service = useService({ config: { rateLimit: { failuresPerMinute: 0 }, hosts: ['Signatures.example'] } });
  let image: Buffer;
  beforeAll(async () => {
    image = await genuine(1, 1);
    const references = await Promise.all([1, 2, 3].map(async (i) => ({ image: base64(await genuine(1, i)) })));
    await service().ask('enrolWriter', { body: { writer: 'customer Quartz', references } });
  }, 300_000);

  /** Something in each place of the path; the body of most is wrong, but that is not what is asked first. */
  const params = {
    writer: 'customer Quartz',
    reference: 'x',
    decision: 'x',
    policy: 'x',
    version: 1,
    case: 'x',
    key: 'x',
  };
  const bodyOf = ({ method }: Operation) => (method === 'post' || method === 'patch' ? { body: {} } : {});

  it('has all of its operations in its document, and no other', async () => {
    const { paths } = (await service().ask('document', { key: null })) as unknown as OpenApiDocument;
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    );
    expect(documented.sort()).toEqual(ROUTES.map(([name, { method, path }]) => `${method} ${path} ${name}`).sort());
  });

  it('lets nobody without a key read or change anything, route by route of its document', async () => {
    const before = await contents(service().store);
    const { paths } = (await service().ask('document', { key: null })) as unknown as OpenApiDocument;
    let asked = 0;
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { security, operationId }] of Object.entries(methods)) {
        if (security.length === 0) continue;
        asked++;
        const operation = { params: { ...params, job: 'x', model: 'x' }, ...bodyOf(OPERATIONS[operationId]) };
        for (const key of [null, 'csk_', `csk_0123456789abcdef_${'A'.repeat(43)}`]) {
          await service().refused(operationId, { ...operation, key }, 'KEY_REQUIRED');
        }
        const basic = { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` };
        await service().refused(operationId, { ...operation, headers: basic }, 'KEY_REQUIRED');
        expect(`${method} ${path}`).toBe(`${OPERATIONS[operationId].method} ${OPERATIONS[operationId].path}`);
      }
    }
    expect(asked).toBe(ROUTES.filter(([, { roles }]) => roles !== 'public').length);
    expect(await contents(service().store)).toBe(before);
  }, 300_000);

  it('lets a key do what its roles say and no more, route by route', async () => {
    const before = await contents(service().store);
    for (const [name, operation] of ROUTES) {
      const { roles } = operation;
      if (roles === 'public') continue;
      for (const role of ROLES) {
        if (role === 'admin' || roles.includes(role)) continue;
        const request = { params: { ...params, job: 'x', model: 'x' }, key: role, ...bodyOf(operation) };
        const problem = await service().refused(name, request, 'KEY_FORBIDDEN');
        expect(problem.details).toEqual({ roles });
      }
    }
    expect(await contents(service().store)).toBe(before);
  }, 300_000);

  it('has public operations that tell nothing of anybody', () => {
    const open = ROUTES.filter(([, { roles }]) => roles === 'public').map(([name]) => name);
    expect(open).toEqual(['health', 'ready', 'document']);
  });

  it('knows keys by their hash alone: no secret is in the database', async () => {
    const made = await service().ask('createKey', { body: { roles: ['verify'] } });
    const secret = made.key.slice('csk_0123456789abcdef_'.length);
    expect(secret).toHaveLength(43);
    expect(await contents(service().store)).not.toContain(secret);
    expect(JSON.stringify(await service().ask('listKeys'))).not.toContain(secret);
  });

  it('lets a key hold until it expires, is revoked, or its grace after a rotation has passed', async () => {
    const { ask, refused } = service();
    const me = (key: string) => ask('me', { key });
    const name = `till ${randomUUID()}`;
    const expiring = await ask('createKey', { body: { roles: ['verify'], expiresAt: '2026-03-30' } });
    expect(await me(expiring.key)).toMatchObject({ roles: ['verify'], expiresAt: '2026-03-30T00:00:00.000Z' });
    const lasting = await ask('createKey', { body: { roles: ['verify'], name } });
    expect(await me(lasting.key)).toMatchObject({ actor: name });
    const rotated = await ask('rotateKey', { params: { key: lasting.id }, body: { graceHours: 1 } });
    await me(lasting.key);
    await me(rotated.key);
    service().now = new Date(AT.getTime() + 86_400_000);
    await refused('me', { key: expiring.key }, 'KEY_REQUIRED');
    await refused('me', { key: lasting.key }, 'KEY_REQUIRED');
    await me(rotated.key);
    const used = (await ask('listKeys')).items.find(({ id }) => id === lasting.id)!.lastUsedAt;
    expect(used).toBe(service().now.toISOString());
    service().now = AT;
    await ask('revokeKey', { params: { key: lasting.id } });
    await refused('me', { key: rotated.key }, 'KEY_REQUIRED');
    await refused('rotateKey', { params: { key: lasting.id } }, 'API_KEY_NOT_FOUND');
    const actions = (await ask('listAudit', { query: { limit: 200 } })).items.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['api-key.created', 'api-key.rotated', 'api-key.revoked']));
  });

  it('refuses a second key of one name, which would be a second of that person', async () => {
    await service().refused('createKey', { body: { roles: ['review'], name: 'review' } }, 'API_KEY_EXISTS');
    await service().refused('createKey', { body: { roles: ['review'], name: 'key:0123' } }, 'REQUEST_INVALID');
    await service().refused('createKey', { body: { roles: ['review'], expiresAt: '2026-03-28' } }, 'INVALID_ARGUMENT');
  });

  it('answers only under its own names: a page whose name leads here by a trick of DNS gets nothing', async () => {
    const { url } = service();
    const ask = (host: string, path = '/openapi.json') =>
      sendRaw(url, [`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`]);
    const { port } = new URL(url);
    for (const host of [`127.0.0.1:${port}`, 'localhost', `[::1]:${port}`, 'Signatures.Example:80']) {
      expect(statusOf(await ask(host)), host).toBe(200);
    }
    for (const host of ['evil.example', `127.0.0.1.evil.example:${port}`, 'localhost@evil.example', '']) {
      expect([400, 421], host).toContain(statusOf(await ask(host)));
    }
    // Whoever looks after the process calls it by its bare address.
    for (const path of ['/health', '/ready']) expect(statusOf(await ask('10.1.2.3:8080', path)), path).toBe(200);
  });

  it('lets no page of another origin call it', async () => {
    const origin = 'https://evil.example';
    const preflight = await fetch(`${service().url}/v1/compare`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
    expect(preflight.status).toBe(405);
    const answer = await service().fetch('me', { headers: { origin } });
    for (const { headers } of [preflight, answer]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers.get('set-cookie')).toBeNull(); // nothing that a browser would send by itself
    }
  });

  it('tells browsers to run nothing but its own scripts, to frame it nowhere, and to keep no answer', async () => {
    for (const path of ['/', '/docs', '/docs/errors', '/openapi.json', '/v1/me', '/nowhere']) {
      const { headers } = await fetch(`${service().url}${path}`);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).toContain("script-src 'self' 'wasm-unsafe-eval';");
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(policy, path).not.toContain('unsafe-inline');
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('referrer-policy'), path).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
      expect(headers.get('cache-control'), path).toBe(path === '/' ? headers.get('cache-control') : 'no-store');
      expect(headers.get('server') ?? headers.get('x-powered-by'), path).toBeNull();
    }
    const docs = await (await fetch(`${service().url}/docs`)).text();
    expect(docs).not.toMatch(/<script|<style|style=|https?:\/\//);
  });

  it('refuses a body of very many values before it is parsed, which would take a hundred times its bytes', async () => {
    const detail = 'body: expected at most 10000 values; more came.';
    const json = { references: Array(90_000).fill(1), questioned: '' };
    expect(await service().refused('compare', { body: json }, 'REQUEST_INVALID')).toMatchObject({ detail });
    const nested = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) as object;
    await service().refused('createJob', { body: { kind: 'verify', parameters: { nested } } }, 'REQUEST_INVALID');
    const form = new FormData();
    for (let i = 0; i < 10_001; i++) form.append('references', '');
    expect(await service().refused('compare', { body: form }, 'REQUEST_INVALID')).toMatchObject({ detail });
  });

  it('writes no image, key, query, number of a writer or body into its log', async () => {
    const { ask, refused, logged, keys } = service();
    logged.length = 0;
    await ask('compare', { body: { references: [base64(image)], questioned: base64(image) } });
    await ask('listWriters', { query: { search: 'customer' } });
    await ask('getWriter', { params: { writer: 'customer Quartz' } });
    await refused('getWriter', { params: { writer: 'nobody Zephyr' } }, 'WRITER_NOT_FOUND');
    await refused('compare', { body: { references: ['not-an-image'] } }, 'REQUEST_INVALID');
    await ask('decide', { body: { signatures: [{ writer: 'customer Quartz', image: base64(image) }] } });
    const log = logged.join('');
    expect(logged).toHaveLength(6);
    expect(log).toContain('"route":"/v1/writers/{writer}"');
    for (const secret of [
      'Quartz',
      'Zephyr',
      'customer',
      'not-an-image',
      base64(image).slice(0, 60),
      keys.admin.slice(21),
    ]) {
      expect(log, secret).not.toContain(secret);
    }
  });

  it('takes a request id that is sane, and makes one in place of any other', async () => {
    const idOf = async (id: string) =>
      (await service().fetch('me', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await idOf('till-3:0815')).toBe('till-3:0815');
    for (const id of ['x'.repeat(81), 'a b', '{"level":60}']) expect(await idOf(id)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says nothing of what failed inside, but under which id its log has it', async () => {
    const broken = service().store.keys;
    const open = broken.open.bind(broken);
    const { items } = await service().ask('listWriters');
    const { references } = await service().ask('getWriter', { params: { writer: items[0]!.externalRef } });
    broken.open = () => {
      throw new Error('the secret of /etc/shadow');
    };
    try {
      const params = { writer: items[0]!.externalRef, reference: references[0]!.id };
      service().logged.length = 0;
      const problem = await service().refused('referenceImage', { params }, 'UNEXPECTED');
      expect(JSON.stringify(problem)).not.toContain('shadow');
      const line = service().logged.find((text) => text.includes(problem.requestId));
      expect(line).toContain('the secret of /etc/shadow');
    } finally {
      broken.open = open;
    }
  });

  it('serves files of the page alone, whatever the path', async () => {
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/assets/../../cli/main.js',
      '//etc/passwd',
    ]) {
      const answer = await sendRaw(service().url, [
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      ]);
      expect([400, 404], path).toContain(statusOf(answer));
      expect(answer.text, path).not.toMatch(/"name": "countersign"|root:/);
    }
  });

  it('has a key of the page in memory alone, which ends with the process', async () => {
    const session = drawSessionKey('ada');
    const running = await startAgain(service(), { host: '127.0.0.1' }, session);
    const headers = { authorization: `Bearer ${session.key}` };
    expect(await (await fetch(`${running.url}/v1/me`, { headers })).json()).toMatchObject({
      ...{ actor: 'ada', roles: ['admin'] },
    });
    await running.close();
    expect(await contents(service().store)).not.toContain(session.key.slice(4, 20));
    await service().refused('me', { key: session.key }, 'KEY_REQUIRED');
  });

  it('takes no key of the page on another address, and listens there only where the store has a key', async () => {
    const session = drawSessionKey('ada');
    const running = await startAgain(service(), { host: '0.0.0.0' }, session);
    const headers = { authorization: `Bearer ${session.key}` };
    expect((await fetch(`${running.url.replace('0.0.0.0', '127.0.0.1')}/v1/me`, { headers })).status).toBe(401);
    await running.close();
    for (const behind of [{ proxies: 1 }, { hosts: ['signatures.example'] }]) {
      const proxied = await startAgain(service(), behind, session);
      const host = { ...headers, host: 'signatures.example' };
      expect((await fetch(`${proxied.url}/v1/me`, { headers: host })).status, JSON.stringify(behind)).toBe(401);
      await proxied.close();
    }
    const { items } = await service().ask('listKeys');
    for (const { id, revokedAt } of items) {
      if (revokedAt === null) await revokeApiKey(service().store, id, { at: AT, actor: 'test' });
    }
    const expired = { name: null, roles: ['admin'], expiresAt: AT };
    await createApiKey(service().store, expired, { at: new Date(AT.getTime() - 1000), actor: 'test' });
    const refused = startAgain(service(), { host: '0.0.0.0' }, session);
    await expect(refused).rejects.toMatchObject({ code: 'API_KEYS_REQUIRED' });
    await expect(startAgain(service(), { host: '127.0.0.1' })).rejects.toMatchObject({ code: 'API_KEYS_REQUIRED' });
  });
});

/** Another service on the same store and network. */
function startAgain(
  { store, jobs, embedder }: TestService,
  config: z.input<typeof serviceConfigSchema>,
  sessionKey?: SessionKey,
): Promise<RunningService> {
  const log = pino({ level: 'silent' });
  const parts = { store, jobs, embedder, log, clock: () => AT, ...(sessionKey && { sessionKey }) };
  return startService({ ...parts, config: serviceConfigSchema.parse({ port: 0, ...config }) });
}

describe('limits of a service', () => {
  const service = useService({
    config: {
      rateLimit: { perMinute: 5, failuresPerMinute: 3 },
      timeouts: { headersMs: 3000, requestMs: 5000 },
      limits: { bodyBytes: 200_000, bodiesBytes: 250_000, images: 3, imagePixels: 1_000_000 },
    },
  });

  it('are of requests a minute for each key, without which one program takes all', async () => {
    const key = 'review';
    service().now = new Date(service().now.getTime() + 60_000);
    for (let i = 0; i < 5; i++) await service().ask('me', { key });
    const answer = await service().fetch('me', { key });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await service().ask('me', { key: 'enrol' });
    service().now = new Date(service().now.getTime() + 60_000);
    await service().ask('me', { key });
  });

  it('are of guesses a minute for each address, and whose key holds is not kept waiting by them', async () => {
    service().now = new Date(service().now.getTime() + 60_000);
    await service().ask('me', { key: 'verify' });
    const guess = () => service().fetch('me', { key: `csk_0123456789abcdef_${'B'.repeat(43)}` });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await guess()).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    // The address of a client is where it connects from, whatever it says.
    const forwarded = { 'x-forwarded-for': '203.0.113.7' };
    expect((await service().fetch('me', { key: null, headers: forwarded })).status).toBe(429);
    await service().ask('me', { key: 'verify' });
  });

  it('let any number of wrong keys at once cost the database one query, and hold up no new one', async () => {
    const { store } = service();
    const guard = new KeyGuard(store, { rateLimit: { perMinute: 0, failuresPerMinute: 0 } });
    const { key } = await createApiKey(
      store,
      { name: null, roles: ['verify'], expiresAt: null },
      { at: AT, actor: 'test' },
    );
    const asked = vi.spyOn(store.database.orm, 'select');
    const admit = (given: string) => guard.admit(`Bearer ${given}`, ['verify'], '203.0.113.7', AT);
    const wrong = Array.from({ length: 500 }, () => admit(drawKey().key));
    wrong.push(admit(`${key.slice(0, -1)}${key.endsWith('A') ? 'E' : 'A'}`));
    const right = admit(key);
    for (const { status } of await Promise.allSettled(wrong)) expect(status).toBe('rejected');
    await right;
    expect(asked).toHaveBeenCalledOnce();
    await expect(admit(drawKey().key)).rejects.toMatchObject({ code: 'KEY_REQUIRED' });
    expect(asked).toHaveBeenCalledTimes(2);
    asked.mockRestore();
  });

  it('are of bytes of a body before anything is read, and while it comes where its length is not told', async () => {
    const { url, keys } = service();
    service().now = new Date(service().now.getTime() + 60_000);
    const head = `POST /v1/embed HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${keys.admin}\r\nContent-Type: application/json\r\n`;
    const told = await sendRaw(url, [`${head}Content-Length: 5000000000\r\n\r\n{`]);
    expect(statusOf(told)).toBe(413);
    expect(told.ended).toBe(true);
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const untold = await sendRaw(url, [`${head}Transfer-Encoding: chunked\r\n\r\n`, ...Array(40).fill(chunk)]);
    expect(statusOf(untold)).toBe(413);
    expect(untold.ended).toBe(true);
  });

  it('are of pixels of an image, before it is decoded, wherever one goes in', async () => {
    const bomb = base64(hugePng(1200, 1000));
    const key = 'admin';
    await service().refused('embed', { body: { image: bomb }, key }, 'IMAGE_TOO_MANY_PIXELS');
    await service().refused('clean', { body: { image: bomb }, key }, 'IMAGE_TOO_MANY_PIXELS');
    service().now = new Date(service().now.getTime() + 60_000);
    const enrolled = { body: { writer: '4711', references: [{ image: bomb }] }, key };
    await service().refused('enrolWriter', enrolled, 'IMAGE_TOO_MANY_PIXELS');
    const questioned = { body: { signatures: [{ writer: '4711', image: bomb }] }, key };
    await service().refused('decide', questioned, 'IMAGE_TOO_MANY_PIXELS');
    service().now = new Date(service().now.getTime() + 60_000);
    await service().refused('identify', { body: { image: bomb }, key }, 'IMAGE_TOO_MANY_PIXELS');
  });

  it('are of bytes of all bodies that are in hand, so that many at once do not fill the memory', async () => {
    const { url, keys, fetch } = service();
    service().now = new Date(service().now.getTime() + 60_000);
    const length = 'Content-Type: application/json\r\nContent-Length: 180000';
    const head = `POST /v1/embed HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${keys.admin}\r\n${length}\r\n\r\n`;
    const part = () => sendRaw(url, [head, 'x'.repeat(150_000)]); // which waits for the rest, where there is room for it
    const parts = [part(), part()];
    const answers = await Promise.all(parts); // one waited for its rest until its time was up
    expect(answers.map(statusOf).sort()).toEqual([408, 503]);
    const refused = answers.find((answer) => statusOf(answer) === 503)!;
    expect(refused.text).toMatch(/^retry-after: 1\r$/im);
    expect(refused.text).toMatch(/"code":"OVERLOADED".*"bodiesBytes":250000/s);
    const embed = () => {
      service().now = new Date(service().now.getTime() + 60_000); // not too many in a minute
      return fetch('embed', { body: { image: 'A'.repeat(120_000) }, key: 'verify' });
    };
    await expect.poll(async () => (await embed()).status, { interval: 500 }).toBe(422);
  });

  it('are of images in a request', async () => {
    const one = base64(await genuine(1, 1));
    const body = { references: [one, one, one], questioned: one };
    await service().refused('compare', { body, key: 'verify' }, 'REQUEST_INVALID');
  });

  it('are of time: whoever sends a request a byte at a time is cut off', async () => {
    const { url, keys } = service();
    const slowly = (text: string) => sendRaw(url, [...text], { everyMs: 200, mostMs: 15_000 });
    const [headers, body] = await Promise.all([
      slowly(`GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ${'x'.repeat(200)}`),
      sendRaw(
        url,
        [
          `POST /v1/embed HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${keys.admin}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
          ...'{"image": "'.padEnd(100, 'A'),
        ],
        { everyMs: 200, mostMs: 15_000 },
      ),
    ]);
    for (const answer of [headers, body]) {
      expect(answer.ended).toBe(true);
      expect(answer.afterMs).toBeLessThan(14_000);
      expect([408, 400]).toContain(statusOf(answer));
    }
    await service().ask('health', { key: null });
  }, 60_000);
});

describe('docs/security.md', () => {
  it('names a test for each of its claims', () => {
    const files = readdirSync('test/server').filter((name) => name.endsWith('.test.ts'));
    const tests = files.flatMap((file) =>
      [...readFileSync(`test/server/${file}`, 'utf8').matchAll(/^ *it\('(.+?)',/gm)].map(([, name]) => name!),
    );
    const told = [...readFileSync('docs/security.md', 'utf8').matchAll(/^\| .+ \| `(.+?)` \|$/gm)];
    expect(told.length).toBeGreaterThan(20);
    for (const [, name] of told) expect(tests).toContain(name);
  });
});
