/** A PostgreSQL server that goes away while the service runs, and comes back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../store/postgresql.js';
import { startTestService, type TestService } from './running-service.js';
import { base64, genuine } from './signatures.js';

describe('a service whose database goes away', () => {
  let cluster: ReturnType<typeof startCluster>;
  let service: TestService;
  beforeAll(async () => {
    cluster = startCluster();
    const createStore = async () => ({ kind: 'server' as const, url: await cluster.createDatabase() });
    service = await startTestService({ hasVectors: false, connections: 5, createStore, stop: async () => undefined });
  }, 300_000);
  afterAll(async () => {
    await service?.close();
    cluster?.stop();
  }, 300_000);

  it('says so until it is there again, keeps comparing, and goes on', async () => {
    const image = base64(await genuine(1, 1));
    const body = { references: [image], questioned: image };
    await service.ask('compare', { body });
    cluster.halt();
    service.logged.length = 0;
    const gone = await service.refused('ready', { key: null }, 'STORE_UNREACHABLE');
    expect(gone.detail).not.toMatch(/csg-pg|connect/); // where it lies is nobody's business
    const answer = await service.fetch('listWriters');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    await service.ask('health', { key: null });
    await service.ask('compare', { body }); // its key was right a moment ago
    expect(service.logged.find((line) => line.includes('/ready'))).toMatch(
      /"level":50.*"code":"STORE_UNREACHABLE".*connect/,
    );
    cluster.resume();
    await expect.poll(async () => (await service.fetch('ready', { key: null })).status, { timeout: 20_000 }).toBe(200);
    await service.ask('listWriters');
  }, 300_000);
});
