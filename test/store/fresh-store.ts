/** A new empty store before each test, on a database that the tests of one `describe` share. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { openStore, type Store } from '../../src/store/store.js';
import { type Backend, environment } from './backends.js';

/** @param begin - receives the store of the next test, and fills it */
export function onFreshStore(start: () => Promise<Backend>, begin: (store: Store) => void | Promise<void>): void {
  let backend: Backend;
  let store: Store;
  beforeAll(async () => {
    backend = await start();
  }, 300_000);
  beforeEach(async () => {
    await store?.close();
    store = await openStore(await backend.createStore(), environment(), { connections: backend.connections });
    await begin(store);
  }, 300_000);
  afterAll(async () => {
    await store?.close();
    await backend?.stop();
  }, 300_000);
}
