/** What comes of queries that fail, on every database a store runs on. */
import { inspect } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { CountersignError } from '../../src/core/errors.js';
import { referenceSignatures, writers } from '../../src/store/schema.js';
import { openStore, type Store } from '../../src/store/store.js';
import { BACKENDS, environment, startServer } from './backends.js';
import { onFreshStore } from './fresh-store.js';
import { addSample } from './sample-store.js';

const NAME = 'Ottilie Grünhäuser';

describe.each(Object.entries(BACKENDS))('a query that fails on %s', (_, start) => {
  let store: Store;
  onFreshStore(start, (opened) => {
    store = opened;
  });

  it('tells the query and the reason, but none of the values', async () => {
    const { orm } = store.database;
    const { referenceId, image } = await addSample(store);
    const [there] = await orm.select().from(writers);
    const twice = { ...there!, name: NAME };
    const noReference = { ...(await orm.select().from(referenceSignatures))[0]!, image, imageHash: NAME };
    const failures = await Promise.allSettled([
      orm.insert(writers).values(twice),
      store.database.transaction((tx) => tx.insert(writers).values(twice)),
      orm.insert(referenceSignatures).values(noReference),
      orm.select().from(writers).where(eq(writers.id, NAME)),
      orm.execute(sql`SELECT ${NAME}::int`),
      orm.$count(writers, eq(writers.id, NAME)),
    ]);
    const [{ externalRef }] = [there!];
    for (const failure of failures) {
      expect(failure.status).toBe('rejected');
      const { reason } = failure as PromiseRejectedResult;
      const everything = inspect(reason, { depth: 10, showHidden: true });
      expect(everything).toMatch(/The database refused a query: .* \(SQLSTATE \w{5}\)\. (insert|select|SELECT)/i);
      for (const value of [NAME, externalRef, referenceId, image.toString('hex'), image.toString()]) {
        expect(everything).not.toContain(value);
      }
    }
  });
});

describe('on a server', () => {
  it('two transactions in each other’s way both come to their end', async () => {
    const backend = await startServer();
    const store = await openStore(await backend.createStore(), environment());
    try {
      const ids = [(await addSample(store)).writerId, (await addSample(store)).writerId];
      let [attempts, waiting] = [0, 2];
      const both = (order: readonly string[], name: string) =>
        store.database.transaction(async (tx) => {
          attempts++;
          await tx.update(writers).set({ name }).where(eq(writers.id, order[0]!));
          waiting--;
          while (waiting > 0) await tx.execute(sql`SELECT pg_sleep(0.01)`); // each holds what the other wants next
          await tx.update(writers).set({ name }).where(eq(writers.id, order[1]!));
        });
      await Promise.all([both(ids, 'a'), both([...ids].reverse(), 'b')]);
      expect(attempts).toBe(3);
      const names = (await store.database.orm.select().from(writers)).map(({ name }) => name);
      expect(new Set(names).size).toBe(1);
    } finally {
      await store.close();
      await backend.stop();
    }
  });

  it('what its operator can see to is no defect: a server that went away, a user who may not', async () => {
    const backend = await startServer();
    const location = await backend.createStore();
    const env = environment();
    const store = await openStore(location, env);
    try {
      const cut = store.database.transaction((tx) =>
        tx.execute(sql`SELECT pg_terminate_backend(pg_backend_pid()), ${NAME}::text`),
      );
      await expect(cut).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      expect(await store.database.orm.select().from(writers)).toEqual([]); // the next query opens another connection
      await store.database.orm.execute(sql.raw('CREATE ROLE reader LOGIN'));
      const url = (location as { url: string }).url.replace('//countersign@', '//reader@');
      const refused = await openStore({ kind: 'server', url }, env).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(CountersignError);
      expect(refused).toMatchObject({
        code: 'STORE_UNREACHABLE',
        message: expect.stringContaining('permission denied'),
      });
    } finally {
      await store.close();
      await backend.stop();
    }
  });
});
