/** What a store promises, on every database it runs on. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { count, eq, getTableColumns, getTableName, sql, type Table } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendAudit, verifyAuditLog } from '../../src/store/audit-log.js';
import { backup } from '../../src/store/backup.js';
import { TABLES } from '../../src/store/backup-format.js';
import { checkStore } from '../../src/store/check.js';
import { connect, type Database, openDatabase } from '../../src/store/database.js';
import { loadKeys } from '../../src/store/key-file.js';
import { MIGRATIONS, migrate, SCHEMA_VERSION } from '../../src/store/migrate.js';
import { restore } from '../../src/store/restore.js';
import { rotateKeys, sealedByOlderKeys } from '../../src/store/rotate-keys.js';
import * as schema from '../../src/store/schema.js';
import { referenceImageRow } from '../../src/store/sealed-columns.js';
import { openStore, type Store } from '../../src/store/store.js';
import { temporaryFolder } from '../temporary-folder.js';
import { BACKENDS_WITH_VECTORS, type Backend, environment, newKey, startFolders, startServer } from './backends.js';
import { AT, addSample } from './sample-store.js';

const tables = Object.values(schema) as Table[];
/** Every row of every table, as the database writes it. */
async function contents({ orm }: Database): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const table of TABLES) {
    const { rows } = await orm.execute<{ row: string }>(
      sql.raw(`SELECT row_to_json(t)::text AS row FROM ${table} AS t ORDER BY 1`),
    );
    all[table] = rows.map(({ row }) => row);
  }
  return all;
}

describe.each(Object.entries(BACKENDS_WITH_VECTORS))('a store on %s', (_, start) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await start();
  }, 300_000);
  afterAll(() => backend?.stop(), 120_000);

  async function withStore<T>(work: (store: Store) => Promise<T>, { location, env }: Place): Promise<T> {
    const store = await openStore(location, env, { connections: backend.connections });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }
  interface Place {
    readonly location: Awaited<ReturnType<Backend['createStore']>>;
    readonly env: NodeJS.ProcessEnv;
  }
  const newPlace = async (): Promise<Place> => ({ location: await backend.createStore(), env: environment() });

  it('has the tables that the queries see, and vectors where they are there', async () => {
    await withStore(
      async ({ database }) => {
        expect(database.hasVectors).toBe(backend.hasVectors);
        for (const table of tables) {
          const { rows } = await database.orm.execute<{ name: string; type: string; required: boolean }>(sql`
          SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required
          FROM pg_attribute WHERE attrelid = ${getTableName(table)}::regclass AND attnum > 0 ORDER BY attname`);
          const expected = Object.values(getTableColumns(table)).map((column) => ({
            name: column.name,
            type: column
              .getSQLType()
              .replace(/^timestamp \((\d)\) with time zone$/, 'timestamp($1) with time zone')
              .replace(', ', ','),
            required: column.notNull,
          }));
          const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
          expect([...rows].sort(byName), getTableName(table)).toEqual(expected.sort(byName));
        }
        expect(tables.map(getTableName).sort()).toEqual([...TABLES].sort());
      },
      await newPlace(),
    );
  });

  it('gives back what was put in: bytes, instants, money, numbers', async () => {
    await withStore(
      async (store) => {
        const { writerId, referenceId, image } = await addSample(store);
        const { orm } = store.database;
        const [reference] = await orm.select().from(schema.referenceSignatures);
        expect(store.keys.open(reference!.image, referenceImageRow(referenceId)).equals(image)).toBe(true);
        expect(Buffer.from(reference!.image).includes(image.subarray(0, 16))).toBe(false);
        const [decision] = await orm.select().from(schema.decisions).where(eq(schema.decisions.writerId, writerId));
        expect(decision).toMatchObject({
          amount: '9007199254740993.10',
          distance: 1 / 3,
          logLikelihoodRatio: -1e-300,
          thresholds: { acceptUpTo: 0.1 + 0.2 },
          createdAt: AT,
        });
      },
      await newPlace(),
    );
  });

  it('removes with a writer all that is of the writer, and leaves the chain valid', async () => {
    await withStore(
      async (store) => {
        const kept = await addSample(store);
        const gone = await addSample(store);
        await store.database.orm.delete(schema.writers).where(eq(schema.writers.id, gone.writerId));
        const left = await contents(store.database);
        for (const [table, rows] of Object.entries(left)) {
          if (table.startsWith('audit')) continue;
          expect(rows.join('\n'), table).not.toContain(gone.writerId);
        }
        expect(left.reference_signatures!.join()).toContain(kept.writerId);
        expect(await verifyAuditLog(store.database, store.keys)).toEqual({ valid: true, rows: 2 });
      },
      await newPlace(),
    );
  });

  it('brings the previous schema to this one, with its rows', async () => {
    const place = await newPlace();
    const connection = await connect(place.location, { connections: backend.connections });
    await connection.onOneConnection(async (execute) => {
      await execute(`DROP TABLE ${TABLES.join(', ')}, schema_migrations`).catch(() => undefined);
      await execute('DROP FUNCTION refuse_change, refuse_policy_change').catch(() => undefined);
      expect(await migrate(execute, SCHEMA_VERSION - 1)).toBe(SCHEMA_VERSION - 1);
      await execute(`INSERT INTO models VALUES ('old', 4, true, now());
        INSERT INTO writers VALUES (gen_random_uuid(), 'A', NULL, 'ready', now(), NULL);
        INSERT INTO decisions (id, writer_id, questioned_image_hash, model_id, thresholds, result, reasons, evidence, actor, created_at)
          SELECT gen_random_uuid(), id, repeat('0', 64), 'old', '{}', 'accept', '[]', '{}', 'a', now() FROM writers`);
      expect(await migrate(execute)).toBe(1);
      expect(await migrate(execute)).toBe(0);
      expect(await execute('SELECT stale_from FROM writers')).toEqual([{ stale_from: null }]);
      const applied = await execute('SELECT version, checksum FROM schema_migrations ORDER BY version');
      expect(applied).toEqual(MIGRATIONS.map(({ version, checksum }) => ({ version, checksum })));
    });
    await connection.close();
  });

  it('refuses a database of a newer program, and one that another program migrated', async () => {
    const place = await newPlace();
    const database = await openDatabase(place.location, { connections: backend.connections });
    await database.orm.execute(
      sql`INSERT INTO schema_migrations VALUES (${SCHEMA_VERSION + 1}::int, 'later', 'x', now())`,
    );
    await database.close();
    const connection = await connect(place.location, { connections: backend.connections });
    await connection.onOneConnection(async (execute) => {
      await expect(migrate(execute)).rejects.toMatchObject({ code: 'STORE_NEWER' });
      await execute(`DELETE FROM schema_migrations WHERE name = 'later'; UPDATE schema_migrations SET checksum = 'x'`);
      await expect(migrate(execute)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    });
    await connection.close();
  });

  it('needs the key it was made with', async () => {
    const place = await newPlace();
    await withStore(async () => undefined, place);
    await expect(withStore(async () => undefined, { ...place, env: environment() })).rejects.toMatchObject({
      code: 'KEY_MISSING',
    });
  });

  it('makes a key file beside the store on its first start, says so, and takes it from then on', async () => {
    const location = await backend.createStore();
    const dataHome = await temporaryFolder();
    const place = { location, env: { XDG_DATA_HOME: dataHome } };
    const { id, file } = await withStore(async ({ keys, createdKeyFile }) => {
      return { id: keys.currentId, file: createdKeyFile };
    }, place);
    expect(file).toBe(
      location.kind === 'folder' ? `${location.folder}.key` : path.join(dataHome, 'countersign', 'store.key'),
    );
    await withStore(async ({ keys, createdKeyFile }) => {
      expect(keys.currentId).toBe(id);
      expect(createdKeyFile).toBeUndefined();
    }, place);
    rmSync(file!);
    await expect(withStore(async () => undefined, place)).rejects.toMatchObject({ code: 'KEY_MISSING' });
  });

  it('keeps a transaction whole: what fails leaves neither row nor audit', async () => {
    await withStore(
      async (store) => {
        const { database, keys } = store;
        await addSample(store);
        const before = await contents(database);
        const failing = database.transaction(async (tx) => {
          await tx.insert(schema.models).values({ id: 'never', dimension: 1, createdAt: AT });
          await appendAudit(tx, keys, { at: AT, actor: 'a', action: 'b' });
          throw new Error('no');
        });
        await expect(failing).rejects.toThrow('no');
        expect(await contents(database)).toEqual(before);
      },
      await newPlace(),
    );
  });

  it('brings appends that run at once into one chain', async () => {
    await withStore(
      async ({ database, keys }) => {
        await Promise.all(
          Array.from({ length: 40 }, (_, i) =>
            database.transaction((tx) => appendAudit(tx, keys, { at: AT, actor: `a${i}`, action: 'b' })),
          ),
        );
        expect(await verifyAuditLog(database, keys)).toEqual({ valid: true, rows: 40 });
      },
      await newPlace(),
    );
  });

  it('refuses to change or cut the audit log', async () => {
    await withStore(
      async (store) => {
        await addSample(store);
        for (const statement of [
          `UPDATE audit_log SET actor = 'x'`,
          'DELETE FROM audit_log',
          'TRUNCATE audit_log',
          'UPDATE audit_head SET seq = 0',
          'DELETE FROM audit_head',
        ]) {
          await expect(store.database.orm.execute(sql.raw(statement)), statement).rejects.toThrow('append-only');
        }
      },
      await newPlace(),
    );
  });

  it('rotates keys, also where an earlier rotation was interrupted', async () => {
    const place = await newPlace();
    const [old, current] = [place.env.COUNTERSIGN_KEY!, newKey()];
    await withStore(async (store) => {
      for (let i = 0; i < 3; i++) await addSample(store, { sealEmbedding: i > 0 });
    }, place);
    const both = { ...place, env: { COUNTERSIGN_KEY: `${current},${old}` } };
    await withStore(async (store) => {
      const stopped = rotateKeys(store, { at: AT, actor: 'a' }, (done) => {
        if (done === 2) throw new Error('stopped');
      });
      await expect(stopped).rejects.toThrow('stopped');
    }, both);
    await withStore(async (store) => {
      expect(await sealedByOlderKeys(store.database.orm, store.keys)).toBe(14 - 2);
      expect(await rotateKeys(store, { at: AT, actor: 'a' })).toBe(14 - 2);
      expect(await sealedByOlderKeys(store.database.orm, store.keys)).toBe(0);
    }, both);
    await withStore(
      async (store) => {
        expect(await checkStore(store)).toEqual({
          problems: [],
          compactionDue: 0,
          auditRows: 4,
          sealedValues: 14,
          embeddings: 3,
        });
      },
      { ...place, env: { COUNTERSIGN_KEY: current } },
    );
  });

  it('finds what does not fit together', async () => {
    await withStore(
      async (store) => {
        const [a, b] = [await addSample(store), await addSample(store)];
        const { orm } = store.database;
        expect((await checkStore(store)).problems).toEqual([]);
        await orm.execute(sql`UPDATE reference_signatures AS mine SET image = theirs.image
        FROM reference_signatures AS theirs WHERE mine.id = ${a.referenceId} AND theirs.id = ${b.referenceId}`);
        await orm.execute(sql`UPDATE embeddings SET vector = '\\x00000000' WHERE reference_id = ${b.referenceId}`);
        await orm.transaction(async (tx) => {
          await tx.execute(sql`SET LOCAL session_replication_role = replica`);
          await tx.execute(sql`DELETE FROM models`);
          await tx.execute(sql`UPDATE audit_log SET actor = 'x' WHERE seq = 2`);
        });
        expect((await checkStore(store)).problems).toEqual([
          'Row 2 of the audit log: it was altered.',
          '2 rows of decisions refer to rows of models that are not there (decisions_model_id_fkey).',
          '2 rows of embeddings refer to rows of models that are not there (embeddings_model_id_fkey).',
          `reference_signatures.image/${a.referenceId} does not open: it was altered, or sealed for another row.`,
        ]);
      },
      await newPlace(),
    );
  });

  it('backs up into one file that goes back into an empty store, as it was', async () => {
    const place = await newPlace();
    const file = path.join(await temporaryFolder(), 'backup.gz');
    const saved = await withStore(async (store) => {
      for (let i = 0; i < 101; i++) await addSample(store, { sealEmbedding: i === 0 });
      await backup(store.database, file, AT);
      await expect(restore(place.location, file, store.keys)).rejects.toMatchObject({
        code: place.location.kind === 'folder' ? 'STORE_LOCKED' : 'STORE_NOT_EMPTY',
      });
      return contents(store.database);
    }, place);
    const keys = loadKeys('', place.env)!;
    const target = await backend.createStore();
    await damaged(file, async (bad) => {
      await expect(restore(target, bad, keys)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    });
    await expect(restore(target, file, loadKeys('', environment())!)).rejects.toMatchObject({ code: 'KEY_MISSING' });
    const rows = Object.values(saved).reduce((sum, { length }) => sum + length, 0);
    expect(await restore(target, file, keys)).toBe(rows);
    await withStore(
      async (store) => {
        expect(await contents(store.database)).toEqual(saved);
        expect((await checkStore(store)).problems).toEqual([]);
        expect((await store.database.orm.select({ n: count() }).from(schema.writers))[0]!.n).toBe(101);
      },
      { location: target, env: place.env },
    );
  }, 300_000);
});

describe('a backup', () => {
  it('of images that each fill what goes back at a time comes back', async () => {
    const folders = await startFolders();
    try {
      const env = environment();
      const file = path.join(await temporaryFolder(), 'large.gz');
      const source = await openStore(await folders.createStore(), env);
      const sample = await addSample(source);
      const { orm } = source.database;
      const [job] = await orm.select({ id: schema.bulkJobs.id }).from(schema.bulkJobs).limit(1);
      // All at once, two digits a byte, enough of them would be longer than a string can be.
      for (let position = 100; position < 104; position++) {
        await orm.insert(schema.bulkItems).values({
          ...{ jobId: job!.id, position, externalRef: 'large', state: 'waiting', updatedAt: AT },
          image: Buffer.alloc(16 << 20, position),
        });
      }
      await backup(source.database, file, AT);
      await source.close();
      const target = await folders.createStore();
      await restore(target, file, loadKeys('', env)!);
      const store = await openStore(target, env);
      const image = await store.database.orm.select({ bytes: sql`length(image)` }).from(schema.bulkItems);
      expect(image.filter(({ bytes }) => bytes === 16 << 20)).toHaveLength(4);
      expect(await store.database.orm.$count(schema.writers, eq(schema.writers.id, sample.writerId))).toBe(1);
      await store.close();
    } finally {
      await folders.stop();
    }
  }, 300_000);
});

describe('a store on PostgreSQL', () => {
  let server: Backend;
  let folders: Backend;
  beforeAll(async () => {
    server = await startServer();
    folders = await startFolders();
  }, 300_000);
  afterAll(async () => {
    await server?.stop();
    await folders?.stop();
  }, 300_000);

  it('is made once by processes that start at once', async () => {
    const location = await server.createStore();
    const env = environment();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(location, env)));
    await Promise.all(stores.map((store) => addSample(store)));
    expect(await verifyAuditLog(stores[0]!.database, stores[0]!.keys)).toEqual({ valid: true, rows: 4 });
    await Promise.all(stores.map((store) => store.close()));
  });

  it('takes the backup of a folder, and a folder its', async () => {
    const env = environment();
    const keys = loadKeys('', env)!;
    const file = path.join(await temporaryFolder(), 'backup.gz');
    const locations = [await folders.createStore(), await server.createStore(), await folders.createStore()];
    const first = await openStore(locations[0]!, env);
    await addSample(first, { sealEmbedding: true });
    await backup(first.database, file, AT);
    const saved = await contents(first.database);
    await first.close();
    for (const location of locations.slice(1)) {
      await restore(location, file, keys);
      const store = await openStore(location, env);
      expect(await contents(store.database)).toEqual(saved);
      expect((await checkStore(store)).problems).toEqual([]);
      await backup(store.database, file, AT);
      await store.close();
    }
  });
});

/** Cut off, a bit changed in the compressed stream, a row changed under a sound one, a row left out, no file. */
async function damaged(file: string, refuse: (bad: string) => Promise<void>): Promise<void> {
  const bytes = readFileSync(file);
  const lines = gunzipSync(bytes).toString().split('\n');
  const flipped = Buffer.from(bytes);
  flipped[bytes.length >> 1]! ^= 4;
  const variants = [
    bytes.subarray(0, bytes.length >> 1),
    flipped,
    gzipSync(lines.map((line) => line.replace('same slant', 'same slope')).join('\n')),
    gzipSync(lines.filter((_, i) => i !== lines.length - 4).join('\n')),
    gzipSync(lines.slice(0, -2).join('\n')),
    Buffer.from('no backup'),
  ];
  for (const [i, variant] of variants.entries()) {
    const bad = `${file}.${i}`;
    writeFileSync(bad, variant);
    await refuse(bad);
  }
  await refuse(`${file}.none`);
}
