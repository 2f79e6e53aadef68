/** A PostgreSQL server, 15 or later. */
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { CountersignError } from '../core/errors.js';
import type { Connection, Orm } from './database.js';
import { forgetStatistics } from './forget-statistics.js';
import * as schema from './schema.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** @throws CountersignError STORE_UNREACHABLE */
export async function openServer(url: string, connections: number): Promise<Connection> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'countersign',
    // Whatever the server's own settings: an acknowledged commit lasts.
    onConnect: async (client) => {
      await client.query('SET synchronous_commit = on');
    },
  });
  // A connection broke: the query that it was about tells, and the next one opens another. Unheard, it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await pool.query('SELECT 1');
  } catch (cause) {
    await pool.end();
    throw new CountersignError('STORE_UNREACHABLE', `The database of DATABASE_URL: ${(cause as Error).message}.`, {
      cause,
    });
  }
  return {
    orm: drizzle(pool, { schema }) as unknown as Orm,
    async onOneConnection(work) {
      const client = await pool.connect();
      try {
        await work(async (statements) => {
          const results: unknown = await client.query(statements); // one result, or one for each statement
          return (Array.isArray(results) ? results.at(-1) : results).rows;
        });
      } finally {
        client.release();
      }
    },
    async executeSql(text, values) {
      const client = await pool.connect();
      let failed = false;
      try {
        // One result, or one for each statement.
        const results: unknown = await (values === undefined ? client.query(text) : client.query(text, [...values]));
        return Array.isArray(results) ? { rows: results.flatMap(({ rows }) => rows) } : (results as { rows: [] });
      } catch (error) {
        failed = true;
        throw error;
      } finally {
        client.release(failed); // closed, where a transaction that was begun in the text may be open
      }
    },
    async compact() {
      const { rows } = await pool.query(
        'SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename',
      );
      await pool.query(`VACUUM (FULL, ANALYZE) ${rows.map(({ name }) => name).join(', ')}`);
      await forgetStatistics(async (statement) => (await pool.query(statement)).rows);
    },
    committed: async () => undefined, // the server keeps its log short by itself
    close: () => pool.end(),
  };
}
