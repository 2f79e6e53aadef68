import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { writeFileAtomic } from '../data/atomic-file.js';
import { BACKUP_FORMAT, SEPARATOR, TABLES, type TableName } from './backup-format.js';
import type { Database, Transaction } from './database.js';
import { SCHEMA_VERSION } from './migrate.js';

const ROWS_AT_A_TIME = 100;
/** Rows of these hold an image each, of up to 32 MiB, twice as long in JSON. */
const WITH_IMAGES: ReadonlySet<string> = new Set<TableName>(['reference_signatures', 'cases', 'bulk_items']);
const IMAGES_AT_A_TIME = 8;
const OWNER_ONLY = 0o600;

/**
 * Writes all rows, as they stand at one instant, to one file; others go on working meanwhile (on an embedded store they
 * wait). Images stay sealed: the key is not in the file, and is needed to bring it back.
 *
 * @returns how many rows the file holds
 * @throws CountersignError WRITE_FAILED
 */
export async function backup(database: Database, file: string, at: Date): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.setTransaction({ isolationLevel: 'repeatable read', accessMode: 'read only' });
    let rows = 0;
    await pipeline(
      Readable.from(linesOf(tx, at, (count) => (rows = count))),
      createGzip(),
      (compressed: AsyncIterable<Uint8Array>) => writeFileAtomic(file, compressed, { mode: OWNER_ONLY }),
    );
    return rows;
  });
}

async function* linesOf(tx: Transaction, at: Date, counted: (rows: number) => void): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const hashed = (line: string) => {
    hash.update(line);
    return line;
  };
  const header = { format: 'countersign-backup', version: BACKUP_FORMAT, schema: SCHEMA_VERSION };
  yield hashed(`${JSON.stringify({ ...header, createdAt: at.toISOString() })}\n`);
  let count = 0;
  for (const table of TABLES) {
    for await (const row of rowsOf(tx, table)) {
      yield hashed(`${table}${SEPARATOR}${row}\n`);
      count++;
    }
  }
  counted(count);
  yield `${JSON.stringify({ rows: count, sha256: hash.digest('hex') })}\n`;
}

/** Rows as the database writes them in JSON: no number or instant passes through JavaScript's. */
async function* rowsOf(tx: Transaction, table: string): AsyncGenerator<string> {
  await tx.execute(
    sql.raw(
      `DECLARE backup_rows NO SCROLL CURSOR FOR SELECT row_to_json(whole_row)::text AS row FROM ${table} AS whole_row`,
    ),
  );
  const atATime = WITH_IMAGES.has(table) ? IMAGES_AT_A_TIME : ROWS_AT_A_TIME;
  while (true) {
    const { rows } = await tx.execute<{ row: string }>(sql.raw(`FETCH ${atATime} FROM backup_rows`));
    for (const { row } of rows) yield row;
    if (rows.length < atATime) break;
  }
  await tx.execute(sql.raw('CLOSE backup_rows'));
}
