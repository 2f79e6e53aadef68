/** Items of a job from a table and the pictures that it names. */
import type { BodyInput } from '../../api/schemas.js';
import { CsvSyntaxError, parseCsv } from '../../data/csv.js';

export type JobKind = 'verify' | 'enrol';
export type Item = BodyInput<'addJobItems'>['items'][number];

const COLUMNS: Readonly<Record<JobKind, readonly string[]>> = {
  verify: ['path', 'writer', 'policy', 'amount', 'currency', 'label'],
  enrol: ['path', 'writer', 'name', 'captured_at', 'expires_at', 'label'],
};
const REQUIRED = ['path', 'writer'];

export interface Row {
  /** Of the table, from 1. */
  readonly line: number;
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** @throws Error with the line that is wrong */
export function rowsOf(table: string, kind: JobKind): Row[] {
  const [header, ...records] = parsed(table);
  const columns = (header?.fields ?? []).map((name) => name.trim().toLowerCase());
  const unknown = columns.find((name, i) => !COLUMNS[kind].includes(name) || columns.indexOf(name) !== i);
  if (unknown !== undefined) {
    throw new Error(`Line 1: column "${unknown}" is unknown or there twice; there can be ${COLUMNS[kind].join(', ')}.`);
  }
  const missing = REQUIRED.find((name) => !columns.includes(name));
  if (missing !== undefined) throw new Error(`Line 1: column "${missing}" is missing.`);
  return records.map(({ line, fields }) => {
    if (fields.length !== columns.length) {
      throw new Error(`Line ${line}: there are ${fields.length} fields under ${columns.length} columns.`);
    }
    const named = Object.fromEntries(columns.map((name, i) => [name, fields[i]!.trim()]));
    if (named.path === '' || named.writer === '') throw new Error(`Line ${line}: path or writer is empty.`);
    return { line, path: named.path!, fields: named };
  });
}

function parsed(table: string) {
  try {
    return parseCsv(table);
  } catch (error) {
    if (error instanceof CsvSyntaxError) throw new Error(`Line ${error.line}: ${error.message}.`);
    throw error;
  }
}

/**
 * Finds the picture of a row by its name: browsers tell no folder of a chosen file.
 *
 * @throws Error where one name stands for several pictures, of the table or of those that were chosen: one writer's would be
 *   taken for another's
 */
export function pictureFinder(rows: readonly Row[], files: readonly File[]): (row: Row) => File | undefined {
  const byName = new Map<string, File>();
  for (const file of files) {
    if (byName.has(file.name)) throw new Error(`Two of the pictures are named ${file.name}: choose one of them.`);
    byName.set(file.name, file);
  }
  const first = new Map<string, Row>();
  for (const row of rows) {
    const name = nameOf(row);
    const { line, path } = first.get(name) ?? row;
    if (whole(path) !== whole(row.path) && byName.has(name)) {
      throw new Error(
        `Lines ${line} and ${row.line} name two pictures, ${path} and ${row.path}, and a browser tells them by ${name} alone: give each a name of its own, or use \`countersign jobs create\`.`,
      );
    }
    first.set(name, first.get(name) ?? row);
  }
  return (row) => byName.get(nameOf(row));
}

const whole = (path: string) => path.replace(/^\.\//, '');
const nameOf = ({ path }: Row) => path.split(/[/\\]/).at(-1)!;

const NAMES = { captured_at: 'capturedAt', expires_at: 'expiresAt' } as const;

export function itemOf({ path, fields }: Row, image: File): Item {
  const { path: _path, label = '', ...others } = fields;
  const given = Object.entries(others).filter(([, value]) => value !== '');
  const named = given.map(([name, value]) => [NAMES[name as keyof typeof NAMES] ?? name, value]);
  return { ...Object.fromEntries(named), label: label === '' ? path : label, image } as Item;
}

/** What the service takes in one request. */
const MOST_ITEMS = 25;
const MOST_BYTES = 6_000_000;

/** In their order; each as many as one request holds. */
export function batchesOf(items: readonly { readonly row: Row; readonly image: File }[]) {
  const batches: { readonly row: Row; readonly image: File }[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const last = batches.at(-1);
    if (last === undefined || last.length >= MOST_ITEMS || bytes + item.image.size > MOST_BYTES) {
      batches.push([item]);
      bytes = item.image.size;
    } else {
      last.push(item);
      bytes += item.image.size;
    }
  }
  return batches;
}
