/** Looks for bytes anywhere in a store: in every row of every table, and in every file of an embedded folder. */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { type SQL, sql } from 'drizzle-orm';
import { type Orm, QUEUE_SCHEMA } from './database.js';

export interface Needle {
  /** What it is, for people: `name`, `image of reference 8f…`. */
  readonly what: string;
  readonly bytes: Buffer;
  /** Whether it is text: it is then not sought in columns of bytes. */
  readonly isText: boolean;
  /** Text only where no letter or digit stands before or behind it. */
  readonly isWord?: boolean;
  /** Only as the whole value of a column of this name. */
  readonly column?: string;
}

export interface TableHit {
  readonly needle: Needle;
  readonly table: string;
  readonly rows: number;
}

export interface FileHit {
  readonly needle: Needle;
  /** Relative to the folder. */
  readonly file: string;
  readonly offset: number;
}

export interface TableSearch {
  readonly tables: number;
  readonly hits: readonly TableHit[];
}

export interface FileSearch {
  readonly files: number;
  readonly bytes: number;
  readonly hits: readonly FileHit[];
}

interface Table {
  readonly schema: string;
  readonly name: string;
  /** What messages call it. */
  readonly shown: string;
  /** Those of instants are left out: the digits of a time of day are nobody's number. */
  readonly columns: readonly { readonly name: string; readonly isBytes: boolean }[];
}

/** SQL: of a row of pg_attribute. */
const isInstant = sql`atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)`;

/** SQL: tables of the store's schema and of the queue's. */
const isOurs = sql`schemaname IN (current_schema(), ${QUEUE_SCHEMA})`;

async function ourTables(orm: Orm): Promise<Table[]> {
  const { rows } = await orm.execute<{ [Column in keyof Table]: Table[Column] }>(sql`
    SELECT schemaname AS schema, tablename AS name,
      CASE schemaname WHEN current_schema() THEN tablename ELSE concat(schemaname, '.', tablename) END AS shown,
      (SELECT json_agg(json_build_object('name', attname, 'isBytes', atttypid = 'bytea'::regtype) ORDER BY attnum)
         FROM pg_attribute WHERE attrelid = format('%I.%I', schemaname, tablename)::regclass
           AND attnum > 0 AND NOT attisdropped AND NOT ${isInstant}) AS columns
    FROM pg_tables WHERE ${isOurs} ORDER BY shown`);
  return rows;
}

/** What the planner remembers of columns, as hits call it. */
export const STATISTICS = 'pg_stats';

const nameOf = ({ schema, name }: Table) => sql`${sql.identifier(schema)}.${sql.identifier(name)}`;

/** Our tables, and what the planner remembers of their columns. */
export async function searchTables(orm: Orm, needles: readonly Needle[]): Promise<TableSearch> {
  const tables = await ourTables(orm);
  const sources = [
    ...tables.map((table) => ({ name: table.shown, from: nameOf(table), ...contentOf(table) })),
    {
      name: STATISTICS,
      // Not those of the audit log: they are values of its rows, and it is searched itself.
      from: sql`(SELECT pg_stats.* FROM pg_stats JOIN pg_attribute
        ON attrelid = format('%I.%I', schemaname, tablename)::regclass AND pg_attribute.attname = pg_stats.attname
        WHERE ${isOurs} AND tablename <> 'audit_log' AND NOT ${isInstant})`,
      words: sql`concat(t.most_common_vals::text, t.histogram_bounds::text)`,
      bytes: sql`concat(t.most_common_vals::text, t.histogram_bounds::text)`,
    },
  ];
  const patterns = JSON.stringify(needles.map((needle, place) => ({ place, ...patternOf(needle) })));
  const hits: TableHit[] = [];
  for (const { name, from, words, bytes } of sources) {
    const { rows } = await orm.execute<{ place: number; rows: number }>(sql`
      SELECT place, count(*)::int AS rows
      FROM ${from} AS t
      CROSS JOIN LATERAL (SELECT ${words} AS words, ${bytes} AS bytes OFFSET 0) AS row
      CROSS JOIN json_to_recordset(${patterns}::json) AS needles (place int, words text, bytes text, word text)
      WHERE CASE
        WHEN needles.bytes IS NOT NULL THEN strpos(row.bytes, needles.bytes) > 0
        WHEN strpos(row.words, needles.words) = 0 THEN false
        ELSE word IS NULL OR row.words ~ word
      END GROUP BY place ORDER BY place`);
    for (const { place, rows: number } of rows) hits.push({ needle: needles[place]!, table: name, rows: number });
  }
  return { tables: tables.length, hits };
}

/** SQL: a row as JSON without its columns of bytes, and these in hexadecimal. */
function contentOf({ shown, columns }: Table): { readonly words: SQL; readonly bytes: SQL } {
  const of = (isBytes: boolean) => columns.filter((column) => column.isBytes === isBytes);
  const list = (parts: SQL[]) => sql.join(parts, sql`, `);
  const words = list(of(false).map(({ name }) => sql`t.${sql.identifier(name)}`));
  const row = sql`(SELECT row_to_json(words)::text FROM (SELECT ${words}) AS words)`;
  const hexadecimal = of(true).map(({ name }) => sql`encode(t.${sql.identifier(name)}, 'hex')`);
  return {
    // Numbers and names are in an index as well, in small letters.
    words: shown === 'writers' ? sql`concat(${row}, lower(${row}))` : row,
    bytes: hexadecimal.length === 0 ? sql`''` : sql`concat_ws(' ', ${list(hexadecimal)})`,
  };
}

/** As `contentOf` has it. */
function patternOf({ bytes, isText, isWord = false, column }: Needle): Readonly<Record<string, string>> {
  if (!isText) return { bytes: bytes.toString('hex') };
  const quoted = JSON.stringify(bytes.toString());
  const words = column === undefined ? quoted.slice(1, -1) : `"${column}":${quoted}`;
  const literally = words.replace(/[^\p{L}\p{N}]/gu, '\\$&');
  return { words, ...(isWord && { word: `(^|[^[:alnum:]])${literally}($|[^[:alnum:]])` }) };
}

const CHUNK_BYTES = 4 << 20;

async function openIfThere(name: string): Promise<FileHandle | undefined> {
  try {
    return await open(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @returns the first place of each needle in each file */
export async function searchFolder(folder: string, needles: readonly Needle[]): Promise<FileSearch> {
  const overlap = Math.max(0, ...needles.map(({ bytes }) => bytes.length - 1));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const buffer = Buffer.alloc(overlap + CHUNK_BYTES);
  const hits: FileHit[] = [];
  let bytes = 0;
  for (const name of files.sort()) {
    const file = await openIfThere(name);
    if (file === undefined) continue; // the database has removed it meanwhile, and what was in it
    try {
      const left = new Set(needles);
      let kept = 0; // bytes at the buffer's beginning that the last chunk ended with
      for (let position = 0; ; ) {
        const { bytesRead } = await file.read(buffer, kept, CHUNK_BYTES, position);
        if (bytesRead === 0) break;
        const view = buffer.subarray(0, kept + bytesRead);
        for (const needle of left) {
          const at = view.indexOf(needle.bytes);
          if (at === -1) continue;
          hits.push({ needle, file: path.relative(folder, name), offset: position - kept + at });
          left.delete(needle);
        }
        position += bytesRead;
        bytes += bytesRead;
        const end = Math.min(overlap, view.length);
        view.copyWithin(0, view.length - end);
        kept = end;
      }
    } finally {
      await file.close();
    }
  }
  return { files: files.length, bytes, hits };
}
