/** The embedded database: PGlite in a folder, flushed, one process at a time. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { drizzle } from 'drizzle-orm/pglite';
import { CountersignError } from '../core/errors.js';
import type { Connection, Orm } from './database.js';
import { FLUSHED_START_PARAMS, FlushedNodeFS } from './flushed-node-fs.js';
import { lockFolder } from './folder-lock.js';
import { forgetStatistics } from './forget-statistics.js';
import type { Execute } from './migrate.js';
import * as schema from './schema.js';
import { BUILD_MEMORY } from './writer-vectors.js';

/** Commits. A single process has no checkpointer beside it: left alone, the log would grow until the store is closed. */
const CHECKPOINT_EVERY = 500;

/** @throws CountersignError STORE_LOCKED, STORE_DAMAGED, WRITE_FAILED */
export async function openEmbedded(folder: string): Promise<Connection> {
  const lock = lockFolder(folder);
  try {
    const pglite = await openFolder(folder);
    const execute: Execute = async (statements) => (await pglite.exec(statements)).at(-1)?.rows as never;
    let commits = 0;
    const committed = async () => {
      if (++commits % CHECKPOINT_EVERY !== 0) return;
      // The commits last without it; one that fails is made up for by the next.
      await pglite.exec('CHECKPOINT').catch(() => undefined);
    };
    return {
      orm: drizzle(pglite, { schema }) as unknown as Orm,
      async onOneConnection(work) {
        await work(execute);
      },
      async executeSql(text, values) {
        try {
          if (values !== undefined && values.length > 0) return await pglite.query(text, [...values]);
          return { rows: (await pglite.exec(text)).flatMap(({ rows }) => rows) as Record<string, unknown>[] };
        } catch (error) {
          // There is one connection: a transaction that was begun in the text and failed would be in everybody's way.
          await pglite.exec('ROLLBACK');
          throw error;
        } finally {
          await committed();
        }
      },
      committed,
      async compact() {
        // Statistics hold ids of rows, and the write-ahead log what was written: the one is made anew first, the other
        // begins a new file, and the checkpoint removes those before it.
        await execute('ANALYZE');
        await forgetStatistics(execute);
        await execute(`SET maintenance_work_mem = '${BUILD_MEMORY}'`); // it builds the indices anew
        for (const statement of ['VACUUM FULL', 'SELECT pg_switch_wal()', 'CHECKPOINT']) await execute(statement);
        await execute('RESET maintenance_work_mem');
      },
      async close() {
        try {
          await pglite.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openFolder(folder: string): Promise<PGlite> {
  const database = join(folder, 'database');
  if (!existsSync(database)) {
    try {
      await create(folder, database);
    } catch (cause) {
      throw new CountersignError('WRITE_FAILED', `Could not make the store ${folder}: ${reasonOf(cause)}.`, { cause });
    }
  }
  try {
    return await start(database);
  } catch (cause) {
    throw new CountersignError('STORE_DAMAGED', `The store ${folder} does not start: ${reasonOf(cause)}.`, { cause });
  }
}

/** Renamed once it is whole: a half-made one is made again. */
async function create(folder: string, database: string): Promise<void> {
  const unfinished = join(folder, 'database.new');
  rmSync(unfinished, { recursive: true, force: true });
  await (await start(unfinished)).close();
  renameSync(unfinished, database);
}

/** What PGlite throws of its files is no Error. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'its files could not be written or read';
}

function start(folder: string): Promise<PGlite> {
  return PGlite.create({
    fs: new FlushedNodeFS(folder),
    startParams: [...FLUSHED_START_PARAMS],
    extensions: { vector },
    // PGlite's own go over bytes digit by digit, which takes longer than most queries.
    parsers: { [BYTEA]: (text: string) => Buffer.from(text.slice(2), 'hex') },
    serializers: { [BYTEA]: (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}` },
  });
}

/** The type's number. */
const BYTEA = 17;
