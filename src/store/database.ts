/** Opens the database of a store: the same tables and queries in an embedded folder and on a PostgreSQL server. */
import { type Assume, type ExtractTablesWithRelations, sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT, PgTransaction } from 'drizzle-orm/pg-core';
import type { StoreLocation } from './location.js';
import { type Execute, migrate } from './migrate.js';
import { failingWithoutValues, failureOf, isInTheWay } from './query-failure.js';
import type * as schema from './schema.js';

interface Result<Row> {
  readonly rows: Row[];
}

interface RowsHKT extends PgQueryResultHKT {
  type: Result<Assume<this['row'], Record<string, unknown>>>;
}

type Schema = typeof schema;
/** Drizzle on either driver. */
export type Orm = PgDatabase<RowsHKT, Schema>;
export type Transaction = PgTransaction<RowsHKT, Schema, ExtractTablesWithRelations<Schema>>;

/** What a driver gives. */
export interface Connection {
  readonly orm: Orm;
  /** Statements of `work` run one after the other on one connection; for what is no query of Drizzle. */
  onOneConnection(work: (execute: Execute) => Promise<void>): Promise<void>;
  /**
   * SQL as it is written, with `$1`: for the queue, which brings its own. Without values, several statements at once, and the
   * rows of all of them.
   */
  executeSql(text: string, values?: readonly unknown[]): Promise<Result<Record<string, unknown>>>;
  /** Called after each commit. */
  committed(): Promise<void>;
  /** Rewrites tables and what describes them, so that bytes of rows that were removed are in none of their files. */
  compact(): Promise<void>;
  close(): Promise<void>;
}

export interface Database {
  readonly location: StoreLocation;
  readonly orm: Orm;
  /** Whether pgvector is there; else nearest embeddings are searched for exactly. */
  readonly hasVectors: boolean;
  /**
   * All of `work` or nothing; once it resolves, it lasts. Inside, use `tx` alone: in a folder there is one connection,
   * and a query of `orm` would wait for the transaction that waits for it. Where two transactions were in each other's way,
   * `work` runs again.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** See `Connection`. */
  executeSql(text: string, values?: readonly unknown[]): Promise<Result<Record<string, unknown>>>;
  /** See `Connection`; on a server others wait for each table meanwhile. */
  compact(): Promise<void>;
  close(): Promise<void>;
}

/**
 * What a caller does in the transaction of an effect, with its result: both last, or neither. Where two transactions were in
 * each other's way all of it runs again, from the beginning and with another result: it has to bear that, so it writes by
 * `tx` alone, and what it keeps in memory is of its last run.
 */
export type Alongside<T> = (tx: Transaction, result: T) => Promise<void>;

export interface DatabaseOptions {
  /** To a server, at most. */
  readonly connections?: number;
}

/** Where the queue keeps what is its own, in the same database: ids and places, nothing of a writer. */
export const QUEUE_SCHEMA = 'pgboss';

const CONNECTIONS = 10;
/** Of a transaction that others are in the way of. */
const ATTEMPTS = 5;

/**
 * Only the driver that is needed is loaded: whoever imports the library for something else waits for none.
 *
 * @throws CountersignError STORE_LOCKED, STORE_UNREACHABLE, STORE_DAMAGED, WRITE_FAILED
 */
export async function connect(
  location: StoreLocation,
  { connections = CONNECTIONS }: DatabaseOptions,
): Promise<Connection> {
  if (location.kind === 'folder') return (await import('./embedded.js')).openEmbedded(location.folder);
  return (await import('./server.js')).openServer(location.url, connections);
}

/**
 * The database with the tables of this version of the program, migrated where they are older.
 *
 * @throws CountersignError those of `connect`, and STORE_NEWER
 */
export async function openDatabase(location: StoreLocation, options: DatabaseOptions = {}): Promise<Database> {
  const connection = await connect(location, options);
  const orm = failingWithoutValues(connection.orm);
  try {
    let hasVectors = false;
    await connection.onOneConnection(async (execute) => {
      await migrate(execute);
      hasVectors = await enableVectors(execute);
    });
    return {
      location,
      orm,
      hasVectors,
      async transaction(work) {
        for (let attempt = 1; ; attempt++) {
          try {
            const result = await orm.transaction(work);
            await connection.committed();
            return result;
          } catch (error) {
            if (attempt === ATTEMPTS || !isInTheWay(error)) throw failureOf(error);
          }
        }
      },
      executeSql: (text, values) => connection.executeSql(text, values),
      compact: () =>
        connection.compact().catch((error) => {
          throw failureOf(error);
        }),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw failureOf(error);
  }
}

/** The same as `Database.executeSql`, in a transaction. */
export async function executeSqlIn(
  tx: Transaction,
  text: string,
  values: readonly unknown[] = [],
): Promise<Result<Record<string, unknown>>> {
  const parts = text.split(/\$(\d+)/); // literal, number, literal, number, ...
  return tx.execute(
    sql.join(parts.map((part, i) => (i % 2 === 0 ? sql.raw(part) : sql.param(values[Number(part) - 1])))),
  );
}

/** @returns whether pgvector can be used; a server may lack it, or let only others create it */
async function enableVectors(execute: Execute): Promise<boolean> {
  const installed = async () => (await execute(`SELECT 1 FROM pg_extension WHERE extname = 'vector'`)).length > 0;
  const available = async () =>
    (await execute(`SELECT 1 FROM pg_available_extensions WHERE name = 'vector'`)).length > 0;
  if ((await installed()) || !(await available())) return installed();
  await execute('CREATE EXTENSION IF NOT EXISTS vector').catch(() => undefined);
  return installed();
}
