/** What is to be imported: a folder with one sub-folder a writer, or a CSV file that names each image with its writer. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { CountersignError } from '../core/errors.js';
import { parseInstant } from '../core/parse-instant.js';
import { type CsvRecord, CsvSyntaxError, parseCsv } from '../data/csv.js';
import { listFolder } from '../data/listing.js';
import type { ImportItem } from '../store/import-items.js';

const REQUIRED = ['path', 'writer'] as const;
const COLUMNS: readonly string[] = [...REQUIRED, 'name', 'captured_at', 'expires_at'];

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

/**
 * @param source - absolute
 * @returns in the order of the source; whether an image is there is not looked at
 * @throws CountersignError IMPORT_INVALID naming file and line
 */
export async function readImportSource(source: string): Promise<readonly ImportItem[]> {
  const isFolder = (await baseOf(source)) === source;
  const items = isFolder ? await itemsOfFolder(source) : await itemsOfCsv(source);
  if (items.length === 0) throw new CountersignError('IMPORT_INVALID', `${source}: there is no signature.`);
  return items;
}

async function itemsOfFolder(folder: string): Promise<ImportItem[]> {
  const { files } = await listFolder(folder);
  return files.map((source) => {
    const [externalRef, ...rest] = source.split('/');
    if (rest.length !== 1 || rest[0] === '') {
      const message = `${folder}: expected one sub-folder a writer with images in it; ${source} lies elsewhere.`;
      throw new CountersignError('IMPORT_INVALID', message, { details: { path: source } });
    }
    return { source, externalRef: externalRef!, name: null, capturedAt: null, expiresAt: null };
  });
}

async function itemsOfCsv(file: string): Promise<ImportItem[]> {
  const invalid = (line: number, what: string) =>
    new CountersignError('IMPORT_INVALID', `${file}, line ${line}: ${what}.`, { details: { file, line } });
  let records: CsvRecord[];
  try {
    records = parseCsv(await readFile(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof CsvSyntaxError) throw invalid(cause.line, cause.message);
    throw cause;
  }
  const [header, ...rows] = records;
  const columns = header?.fields.map((name) => name.trim().toLowerCase()) ?? [];
  const wrong = columns.find((name, i) => !COLUMNS.includes(name) || columns.indexOf(name) !== i);
  if (wrong !== undefined) throw invalid(1, `column "${wrong}" is unknown or there twice`);
  const missing = REQUIRED.find((name) => !columns.includes(name));
  if (missing !== undefined) throw invalid(1, `column "${missing}" is missing`);

  const writers = new Map<string, { readonly line: number; readonly name: string; readonly expires: string }>();
  return rows.map(({ line, fields }) => {
    if (fields.length !== columns.length) {
      throw invalid(line, `there are ${fields.length} fields under ${columns.length} columns`);
    }
    const field = (name: string) => fields[columns.indexOf(name)]?.trim() ?? '';
    const [source, externalRef, name, expires] = [field('path'), field('writer'), field('name'), field('expires_at')];
    if (source === '' || externalRef === '') throw invalid(line, 'path or writer is empty');
    const before = writers.get(externalRef) ?? { line, name, expires };
    if (before.name !== name || before.expires !== expires) {
      throw invalid(line, `name or expires_at of writer ${externalRef} is another than in line ${before.line}`);
    }
    writers.set(externalRef, before);
    const instant = (column: string) => {
      const value = field(column);
      const read = parseInstant(value);
      if (value !== '' && read === undefined)
        throw invalid(line, `${column} is "${value}", not a date like 2026-01-31`);
      return read ?? null;
    };
    return {
      ...{ source, externalRef, name: name === '' ? null : name },
      ...{ capturedAt: instant('captured_at'), expiresAt: instant('expires_at') },
    };
  });
}
