import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { parseJson } from '../core/parse-json.js';
import { backupEndSchema, backupHeaderSchema, SEPARATOR, TABLES } from './backup-format.js';
import { type Connection, connect, type Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import type { StoreLocation } from './location.js';
import { type Execute, migrate, SCHEMA_VERSION } from './migrate.js';
import { failureOf } from './query-failure.js';
import { auditHead } from './schema.js';
import { VECTOR_TABLE } from './writer-vectors.js';

const ROWS_AT_A_TIME = 100;
/** Of rows at a time, unless one alone has more: an image is two characters a byte, and a string has its longest. */
const MOST_CHARACTERS = 32 << 20;

/**
 * Brings a backup back into an empty store, all of it or nothing; one of an older version is migrated afterwards.
 *
 * @param keys - those of the store that was backed up
 * @returns how many rows came back
 * @throws CountersignError STORE_NOT_EMPTY, BACKUP_INVALID, KEY_MISSING, and those of opening a store
 */
export async function restore(location: StoreLocation, file: string, keys: KeyRing): Promise<number> {
  const lines = linesOf(file);
  const schema = await readHeader(file, lines);
  const connection = await connect(location, {});
  try {
    await connection.onOneConnection(async (execute) => {
      await removeEmptyTables(execute, location);
      await migrate(execute, schema.version);
    });
    const rows = await fill(connection, file, lines, schema.hash, keys);
    await connection.onOneConnection(async (execute) => {
      await migrate(execute);
    });
    return rows;
  } catch (error) {
    throw failureOf(error);
  } finally {
    await lines.return(undefined);
    await connection.close();
  }
}

async function readHeader(file: string, lines: AsyncGenerator<string>): Promise<{ version: number; hash: Hash }> {
  const { value: line } = await lines.next();
  const header = backupHeaderSchema.safeParse(parseJson(line ?? ''));
  if (!header.success) throw invalid(file, 'it is no backup of this format');
  if (header.data.schema > SCHEMA_VERSION) {
    throw invalid(file, `it is of schema ${header.data.schema}; this program knows schemas up to ${SCHEMA_VERSION}`);
  }
  return { version: header.data.schema, hash: createHash('sha256').update(`${line}\n`) };
}

/** A store that was opened but holds nothing makes place for the tables of the backup's version. */
async function removeEmptyTables(execute: Execute, location: StoreLocation): Promise<void> {
  await execute('BEGIN');
  try {
    const present = (await execute('SELECT tablename FROM pg_tables WHERE schemaname = current_schema()')).map(
      ({ tablename }) => tablename as string,
    );
    for (const table of TABLES.filter((name) => present.includes(name))) {
      const began = table === 'audit_head' ? 'WHERE seq > 0' : '';
      if ((await execute(`SELECT 1 FROM ${table} ${began} LIMIT 1`)).length === 0) continue;
      const name = location.kind === 'folder' ? location.folder : 'the database of DATABASE_URL';
      throw new CountersignError('STORE_NOT_EMPTY', `Expected an empty store; ${name} holds rows of ${table}.`);
    }
    await execute(`DROP TABLE IF EXISTS ${[VECTOR_TABLE, ...TABLES, 'schema_migrations'].join(', ')}`);
    await execute('DROP FUNCTION IF EXISTS refuse_change, refuse_policy_change, note_embedding, note_reference');
    await execute('COMMIT');
  } catch (error) {
    await execute('ROLLBACK');
    throw error;
  }
}

function fill(
  { orm }: Connection,
  file: string,
  lines: AsyncGenerator<string>,
  hash: Hash,
  keys: KeyRing,
): Promise<number> {
  return orm.transaction(async (tx) => {
    let count = 0;
    let batch = { table: '', rows: [] as string[], characters: 0 };
    const flush = async (table: string) => {
      if (batch.rows.length > 0) await insert(tx, file, batch);
      batch = { table, rows: [], characters: 0 };
    };
    for await (const line of lines) {
      const cut = line.indexOf(SEPARATOR);
      if (cut === -1) {
        await flush('');
        requireEnd(file, line, count, hash.digest('hex'));
        await requireKey(tx, keys);
        return count;
      }
      const table = line.slice(0, cut);
      const isFull = batch.rows.length === ROWS_AT_A_TIME || batch.characters + line.length > MOST_CHARACTERS;
      if (table !== batch.table || isFull) await flush(table);
      batch.rows.push(line.slice(cut + 1));
      batch.characters += line.length;
      hash.update(`${line}\n`);
      count++;
    }
    throw invalid(file, 'its end is missing');
  });
}

async function insert(
  tx: Transaction,
  file: string,
  { table, rows }: { table: string; rows: string[] },
): Promise<void> {
  if (!(TABLES as readonly string[]).includes(table)) throw invalid(file, 'it has rows of an unknown table');
  const name = sql.raw(table);
  try {
    await tx.execute(
      sql`INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, ${`[${rows.join(',')}]`}::json)`,
    );
  } catch (cause) {
    throw invalid(file, `rows of ${table} do not fit`, failureOf(cause));
  }
}

function requireEnd(file: string, line: string, rows: number, sha256: string): void {
  const end = backupEndSchema.safeParse(parseJson(line));
  if (!end.success || end.data.rows !== rows || end.data.sha256 !== sha256) throw invalid(file, 'it was altered');
}

async function requireKey(tx: Transaction, keys: KeyRing): Promise<void> {
  const [head] = await tx.select({ keyId: auditHead.keyId }).from(auditHead);
  if (head === undefined || keys.has(head.keyId)) return;
  throw new CountersignError(
    'KEY_MISSING',
    `The backup was sealed with key ${head.keyId}, which is none of those given.`,
  );
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const text = createGunzip().setEncoding('utf8');
  pipeline(createReadStream(file), text).catch(() => undefined); // whoever reads `text` gets the error
  let begun: string[] = []; // pieces of a line that has not ended: joined once, however many they are
  try {
    for await (const chunk of text) {
      const [end, ...lines] = (chunk as string).split('\n');
      begun.push(end!);
      if (lines.length === 0) continue;
      yield begun.join('');
      begun = [lines.pop()!];
      yield* lines;
    }
  } catch (cause) {
    if (cause instanceof CountersignError) throw cause;
    throw invalid(file, `it cannot be read: ${(cause as Error).message}`, cause);
  }
}

function invalid(file: string, reason: string, cause?: unknown): CountersignError {
  return new CountersignError('BACKUP_INVALID', `${file}: ${reason}.`, { cause, details: { file } });
}
