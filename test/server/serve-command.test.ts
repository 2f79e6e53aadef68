/** `countersign serve` and `countersign keys` as somebody at a keyboard runs them: processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createClient } from '../../src/api/client.js';
import { countersign, expectFailure } from '../command-line.js';
import { genuine } from './signatures.js';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

interface Served {
  readonly process: ChildProcess;
  readonly url: string;
  readonly key: string;
  /** Its end. */
  readonly ended: Promise<number | null>;
  log(): string;
}

describe('countersign serve', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-serve-'));
  const at = (name: string) => path.join(folder, name);
  const store = ['--store', at('store')];
  const running = new Set<ChildProcess>();
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  async function serve(flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Served> {
    const args = ['dist/cli/main.js', 'serve', ...store, '--json', '--workers', '1', ...flags];
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let [said, log] = ['', ''];
    child.stderr!.on('data', (text) => {
      log += text;
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout!.on('data', (text) => {
        said += text;
        if (said.includes('}')) resolve();
      });
      void ended.then(() => reject(new Error(log)));
    });
    const { url, page } = JSON.parse(said) as { url: string; page: string };
    return { process: child, url, key: page.split('#key=')[1] ?? '', ended, log: () => log };
  }

  it('needs nothing but to be started: its page has a key, and SIGTERM ends it', async () => {
    const service = await serve(['--port', '0']);
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const client = createClient({ baseUrl: service.url, key: service.key });
    const image = await genuine(1, 1);
    expect(await client.compare({ body: { references: [image], questioned: image } })).toMatchObject({ distance: 0 });
    expect((await client.me()).roles).toContain('admin');
    const locked = await countersign(['writers', 'list', ...store]);
    expectFailure(locked, 'STORE_LOCKED', 7);
    service.process.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(service.log()).not.toContain(service.key);
    expect(service.log().trim().split('\n').at(-1)).toContain('"msg":"closed"');
    expect((await countersign(['writers', 'list', ...store])).exitCode).toBe(0); // the lock is released
  });

  it('takes the file, over it the environment, over it the flags, and refuses what it does not know', async () => {
    writeFileSync(
      at('serve.json'),
      JSON.stringify({ port: 1, logLevel: 'silent', limits: { bodyBytes: 1000, images: 2 } }),
    );
    const env = { COUNTERSIGN_PORT: '2', COUNTERSIGN_LIMITS_IMAGES: '1', COUNTERSIGN_SESSION_KEY: 'true' };
    const service = await serve(['--config', at('serve.json'), '--port', '0'], env);
    expect(service.url).not.toMatch(/:[12]$/);
    const client = createClient({ baseUrl: service.url, key: service.key });
    const image = await genuine(1, 1);
    const tooLarge = client.compare({ body: { references: [image], questioned: image } });
    await expect(tooLarge).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE', details: { bodyBytes: 1000 } });
    const tooMany = client.compare({ body: { references: ['AAAA'], questioned: 'AAAA' } });
    await expect(tooMany).rejects.toMatchObject({ code: 'REQUEST_INVALID', details: { images: 1 } });
    service.process.kill('SIGINT');
    expect(await service.ended).toBe(0);
    expect(service.log()).not.toContain('listening');

    writeFileSync(at('wrong.json'), '{"prot": 8080}');
    expect(
      expectFailure(await countersign(['serve', ...store, '--config', at('wrong.json')]), 'INVALID_ARGUMENT', 2),
    ).toContain('prot');
    expectFailure(await countersign(['serve', ...store, '--config', at('none.json')]), 'INVALID_ARGUMENT', 2);
    expectFailure(await countersign(['serve', ...store, '--port', '99999']), 'INVALID_ARGUMENT', 2);
  });

  it('does not listen elsewhere without a key, and a key is made, listed, rotated and revoked at the command line', async () => {
    const elsewhere = ['serve', ...store, '--host', '0.0.0.0', '--port', '0', '--log-level', 'silent'];
    expectFailure(await countersign(elsewhere), 'API_KEYS_REQUIRED', 8);
    const without = ['serve', ...store, '--no-session-key', '--port', '0', '--log-level', 'silent'];
    expectFailure(await countersign(without), 'API_KEYS_REQUIRED', 8);
    const made = await countersign(['keys', 'create', ...store, '--role', 'verify', '--name', 'till 3', '--json']);
    const { id, key } = JSON.parse(made.stdout);
    const rotated = JSON.parse((await countersign(['keys', 'rotate', id, ...store, '--grace', '0', '--json'])).stdout);
    const service = await serve(['--host', '0.0.0.0', '--port', '0']);
    expect(service.key).toBe('');
    const baseUrl = service.url.replace('0.0.0.0', '127.0.0.1');
    expect(await createClient({ baseUrl, key: rotated.key }).me()).toMatchObject({
      actor: 'till 3',
      roles: ['verify'],
    });
    await expect(createClient({ baseUrl, key }).me()).rejects.toMatchObject({ code: 'KEY_REQUIRED' });
    service.process.kill('SIGTERM');
    await service.ended;
    const revoked = await countersign(['keys', 'revoke', id, ...store]);
    expect(revoked.stdout).toContain('revoked');
    const listed = await countersign(['keys', 'list', ...store]);
    expect(listed.stdout).toMatch(/till 3\s+verify\s+revoked/);
    expect(listed.stdout).not.toContain(key.slice(21));
    expectFailure(await countersign(['keys', 'revoke', id, ...store]), 'API_KEY_NOT_FOUND', 8);
    expectFailure(await countersign(['keys', 'revoke', 'nonsense', ...store]), 'INVALID_ARGUMENT', 2);
  });

  it('told to end, finishes what it accepted of clients that have gone', async () => {
    const service = await serve(['--port', '0', '--timeouts-shutdown-ms', '150000', '--timeouts-answer-ms', '150000']);
    const references = await Promise.all([1, 2, 3].map(async (i) => ({ image: await genuine(1, i) })));
    const gone = new AbortController();
    const numbers = Array.from({ length: 30 }, (_, i) => `leaving-${i}`);
    const asked = references.map(({ image }) => ({ image: image.toString('base64') }));
    const headers = { authorization: `Bearer ${service.key}`, 'content-type': 'application/json' };
    const lost = numbers.map((writer) => {
      const body = JSON.stringify({ writer, references: asked });
      return fetch(`${service.url}/v1/writers`, { method: 'POST', headers, body, signal: gone.signal }).catch(() => {});
    });
    await Promise.race(lost); // the first is enrolled, and the others are on their way
    gone.abort();
    await Promise.all(lost);
    const started = performance.now();
    service.process.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(performance.now() - started).toBeLessThan(170_000);

    const lines = service.log().trim().split('\n');
    const logged = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const answered = logged.filter(({ route }) => route === '/v1/writers');
    expect(answered.map(({ status }) => status).filter((status) => ![201, 400, 503].includes(status))).toEqual([]);
    const accepted = answered.filter(({ status }) => status === 201);
    expect(accepted.length).toBeGreaterThan(0);
    expect(lines.at(-1)).toContain('"msg":"closed"');
    const listed = JSON.parse((await countersign(['writers', 'list', ...store, '--json'])).stdout) as object[];
    const enrolled = listed.filter((row) => JSON.stringify(row).includes('leaving-'));
    expect(enrolled).toHaveLength(accepted.length);
    for (const writer of enrolled) expect(writer).toMatchObject({ references: { enrolled: 3 } });
  });

  it('says why it cannot listen', async () => {
    const first = await serve(['--port', '0']);
    const { port } = new URL(first.url);
    const args = ['serve', '--store', at('another'), '--port', port, '--log-level', 'silent'];
    const { stderr, exitCode } = await countersign(args);
    expect(stderr).toContain('EADDRINUSE');
    expect(exitCode).toBe(8);
    first.process.kill('SIGTERM');
    await first.ended;
  });

  it('decides once, though it is killed between any two steps and asked again', async () => {
    let service = await serve(['--port', '0']);
    const clientOf = ({ url, key }: Served) => createClient({ baseUrl: url, key });
    const references = await Promise.all([1, 2, 3].map(async (i) => ({ image: await genuine(1, i) })));
    await clientOf(service).enrolWriter({ body: { writer: '4711', references } });
    const made = await countersignKey(service);
    const kills = 3;
    for (let kill = 0; kill < kills; kill++) {
      const idempotencyKey = randomUUID();
      const ask = async () => {
        const client = createClient({ baseUrl: service.url, key: made });
        return client.decide(
          { body: { signatures: [{ writer: '4711', image: await genuine(1, 9 + kill) }] } },
          { idempotencyKey },
        );
      };
      const lost = ask().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20 + 40 * kill));
      service.process.kill('SIGKILL');
      await lost;
      await service.ended;
      service = await serve(['--port', '0']);
      const answer = await ask();
      expect(await ask()).toEqual(answer);
      const { items } = await clientOf(service).writerDecisions({ params: { writer: '4711' } });
      expect(items).toHaveLength(kill + 1);
    }
    expect(await clientOf(service).verifyAudit()).toMatchObject({ valid: true });
    service.process.kill('SIGTERM');
    await service.ended;
  });

  /** One that lasts beyond the process. */
  const countersignKey = async ({ url, key }: Served) =>
    (await createClient({ baseUrl: url, key }).createKey({ body: { roles: ['verify'] } })).key;
});
