/** Services and workers that are started at once on a new database, as they are where all of it comes up together. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openJobs } from '../../src/jobs/jobs.js';
import { openStore } from '../../src/store/store.js';
import { type Backend, environment, startServer } from '../store/backends.js';
import { by, clock } from './items.js';

const PROCESSES = 4;
const ROUNDS = 2;

let backend: Backend;
beforeAll(async () => {
  backend = await startServer();
}, 300_000);
afterAll(() => backend?.stop(), 120_000);

it('find the tables of the queue there, or make them, and none is in the way of another', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [location, env] = [await backend.createStore(), environment()];
    const stores = [];
    for (let i = 0; i < PROCESSES; i++) stores.push(await openStore(location, env));
    const settings = { clock, onTrouble: () => undefined, supervise: false };
    const opened = await Promise.all(stores.map((store) => openJobs(store, settings)));
    for (const [i, store] of stores.entries()) {
      // On each connection that it has by now: a transaction that failed is not open on any of them.
      await Promise.all(Array.from({ length: 10 }, () => store.database.executeSql('SELECT 1')));
      await opened[i]!.create({ kind: 'verify' }, by());
    }
    expect((await opened[0]!.list({ at: clock(), limit: 50 })).items).toHaveLength(PROCESSES);
    for (const jobs of opened) await jobs.close();
    for (const store of stores) await store.close();
  }
}, 300_000);
