/** Lists of signatures as they come in: a folder with one sub-folder a writer, or a CSV file that names each image. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { CountersignError } from '../core/errors.js';
import { type CsvRecord, CsvSyntaxError, parseCsv } from '../data/csv.js';
import { listFolder } from '../data/listing.js';
import { writerProblem } from '../store/enrol.js';

/** Of a folder itself, of a CSV file the one it lies in: images are named relative to it. */
export async function baseOf(source: string): Promise<string> {
  const status = await stat(source).catch((cause: NodeJS.ErrnoException) => {
    throw new CountersignError(
      'IMPORT_INVALID',
      `Expected a folder or a CSV file at ${source}, but ${cause.code} came.`,
      {
        cause,
      },
    );
  });
  return status.isDirectory() ? source : path.dirname(source);
}

/** One image of a list. */
export interface ListedImage {
  /** Relative to the base. */
  readonly source: string;
  /** The operator's number of the writer. */
  readonly externalRef: string;
  /** What a column of the list says of it; empty where it says nothing, or there is no such column. */
  field(column: string): string;
  /** An error that names file and line. */
  invalid(what: string): CountersignError;
}

/**
 * @param source - absolute
 * @param columns - that a CSV file may have besides path and writer
 * @returns in the order of the source; whether an image is there is not looked at
 * @throws CountersignError IMPORT_INVALID naming file and line
 */
export async function readItemList(source: string, columns: readonly string[]): Promise<readonly ListedImage[]> {
  const isFolder = (await baseOf(source)) === source;
  const items = isFolder ? await imagesOfFolder(source) : await imagesOfCsv(source, columns);
  if (items.length === 0) throw new CountersignError('IMPORT_INVALID', `${source}: there is no signature.`);
  return items;
}

async function imagesOfFolder(folder: string): Promise<ListedImage[]> {
  const { files } = await listFolder(folder);
  return files.map((source) => {
    const [externalRef, ...rest] = source.split('/');
    const invalid = (what: string) =>
      new CountersignError('IMPORT_INVALID', `${folder}: ${what}.`, { details: { path: source } });
    if (rest.length !== 1 || rest[0] === '') {
      throw invalid(`expected one sub-folder a writer with images in it; ${source} lies elsewhere`);
    }
    requireWriter(externalRef!, '', invalid);
    return { source, externalRef: externalRef!, field: () => '', invalid };
  });
}

function requireWriter(externalRef: string, name: string, invalid: ListedImage['invalid']): void {
  const problem = writerProblem({ externalRef, name: name === '' ? null : name });
  if (problem !== undefined) throw invalid(problem);
}

const REQUIRED = ['path', 'writer'];

async function imagesOfCsv(file: string, allowed: readonly string[]): Promise<ListedImage[]> {
  const invalidAt = (line: number, what: string) =>
    new CountersignError('IMPORT_INVALID', `${file}, line ${line}: ${what}.`, { details: { file, line } });
  let records: CsvRecord[];
  try {
    records = parseCsv(await readFile(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof CsvSyntaxError) throw invalidAt(cause.line, cause.message);
    throw cause;
  }
  const [header, ...rows] = records;
  const columns = header?.fields.map((name) => name.trim().toLowerCase()) ?? [];
  const known = [...REQUIRED, ...allowed];
  const wrong = columns.find((name, i) => !known.includes(name) || columns.indexOf(name) !== i);
  if (wrong !== undefined) throw invalidAt(1, `column "${wrong}" is unknown or there twice`);
  const missing = REQUIRED.find((name) => !columns.includes(name));
  if (missing !== undefined) throw invalidAt(1, `column "${missing}" is missing`);

  return rows.map(({ line, fields }) => {
    const invalid = (what: string) => invalidAt(line, what);
    if (fields.length !== columns.length) {
      throw invalid(`there are ${fields.length} fields under ${columns.length} columns`);
    }
    const field = (name: string) => fields[columns.indexOf(name)]?.trim() ?? '';
    const [source, externalRef] = [field('path'), field('writer')];
    if (source === '' || externalRef === '') throw invalid('path or writer is empty');
    requireWriter(externalRef, field('name'), invalid);
    return { source, externalRef, field, invalid };
  });
}
