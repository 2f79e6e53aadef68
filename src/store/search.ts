/** Looks for bytes anywhere in a store: in every row of every table, and in every file of an embedded folder. */
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { type Orm, QUEUE_SCHEMA } from './database.js';

export interface Needle {
  /** What it is, for people: `name`, `image of reference 8f…`. */
  readonly what: string;
  readonly bytes: Buffer;
  /** Whether it is text: rows then hold it as such, else in hexadecimal. */
  readonly isText: boolean;
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

/** Tables of the store's schema and of the queue's, and what the planner remembers of their columns. */
export async function searchTables(orm: Orm, needles: readonly Needle[]): Promise<TableSearch> {
  const isOurs = sql`schemaname IN (current_schema(), ${QUEUE_SCHEMA})`;
  const { rows: tables } = await orm.execute<{ schema: string; name: string; shown: string }>(sql`
    SELECT schemaname AS schema, tablename AS name,
      CASE schemaname WHEN current_schema() THEN tablename ELSE concat(schemaname, '.', tablename) END AS shown
    FROM pg_tables WHERE ${isOurs} ORDER BY shown`);
  const sources = [
    ...tables.map(({ schema, name, shown }) => ({
      name: shown,
      from: sql`${sql.identifier(schema)}.${sql.identifier(name)}`,
      // Numbers and names are in an index as well, in small letters.
      text: shown === 'writers' ? sql`concat(row_to_json(t), lower(row_to_json(t)::text))` : sql`row_to_json(t)::text`,
    })),
    {
      name: 'pg_stats',
      // Not those of the audit log: they are values of its rows, and it is searched itself.
      from: sql`(SELECT * FROM pg_stats WHERE ${isOurs} AND tablename <> 'audit_log')`,
      text: sql`concat(t.most_common_vals::text, t.histogram_bounds::text)`,
    },
  ];
  const patterns = needles.map(patternOf);
  const hits: TableHit[] = [];
  for (const { name, from, text } of sources) {
    const { rows } = await orm.execute<{ place: number; rows: number }>(sql`
      SELECT place::int - 1 AS place, count(*)::int AS rows
      FROM ${from} AS t
      CROSS JOIN LATERAL (SELECT ${text} AS text OFFSET 0) AS row
      CROSS JOIN json_array_elements_text(${JSON.stringify(patterns)}::json) WITH ORDINALITY AS needles (pattern, place)
      WHERE strpos(row.text, pattern) > 0 GROUP BY place ORDER BY place`);
    for (const { place, rows: number } of rows) hits.push({ needle: needles[place]!, table: name, rows: number });
  }
  return { tables: tables.length, hits };
}

/** As a row written in JSON has it. */
function patternOf({ bytes, isText, column }: Needle): string {
  if (!isText) return bytes.toString('hex');
  const quoted = JSON.stringify(bytes.toString());
  return column === undefined ? quoted.slice(1, -1) : `"${column}":${quoted}`;
}

const CHUNK_BYTES = 4 << 20;

/** @returns the first place of each needle in each file */
export async function searchFolder(folder: string, needles: readonly Needle[]): Promise<FileSearch> {
  const overlap = Math.max(0, ...needles.map(({ bytes }) => bytes.length - 1));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const buffer = Buffer.alloc(overlap + CHUNK_BYTES);
  const hits: FileHit[] = [];
  let bytes = 0;
  for (const name of files.sort()) {
    const file = await open(name);
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
