import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { CountersignError } from '../core/errors.js';
import { type CsvRecord, CsvSyntaxError, parseCsv } from './csv.js';
import type { Dataset, Sample } from './dataset.js';
import { compareNatural } from './natural-order.js';

const REQUIRED = ['path', 'writer', 'kind'] as const;
const COLUMNS: readonly string[] = [...REQUIRED, 'identity'];

/**
 * Reads a CSV manifest: a header line with the columns path, writer, kind (genuine or forged) and, if wanted, identity,
 * in any order; then one signature per line. Paths are relative to the manifest. The data set is named after the file.
 *
 * @throws DATASET_NOT_FOUND; DATASET_LAYOUT_UNKNOWN for a file that is no CSV; DATASET_MANIFEST_INVALID naming file and
 *   line
 */
export async function readManifest(file: string): Promise<Dataset> {
  if (!/\.csv$/i.test(file)) {
    const message = `Expected a folder or a CSV manifest (*.csv), but ${file} is another kind of file.`;
    throw new CountersignError('DATASET_LAYOUT_UNKNOWN', message, { details: { path: file } });
  }
  const text = await readFile(file, 'utf8').catch((cause) => {
    const message = `Expected to read a CSV manifest at ${file}, but ${cause.code} came.`;
    throw new CountersignError('DATASET_NOT_FOUND', message, { cause, details: { path: file } });
  });
  const manifest = path.resolve(file);
  const samples = toSamples(manifest, text);
  for (const [sample, line] of samples) {
    const isFile = (await stat(sample.path).catch(() => undefined))?.isFile() ?? false;
    if (!isFile) throw invalid(manifest, line, `there is no file ${sample.path}`);
  }
  return {
    name: path.basename(manifest).replace(/\.csv$/i, ''),
    layout: 'csv',
    root: path.dirname(manifest),
    samples: [...samples.keys()].sort((a, b) => compareNatural(a.id, b.id)),
  };
}

function toSamples(manifest: string, text: string): Map<Sample, number> {
  const [header, ...rows] = parseRecords(manifest, text);
  const columns = header?.fields.map((name) => name.trim().toLowerCase()) ?? [];
  const wrong = columns.find((name, i) => !COLUMNS.includes(name) || columns.indexOf(name) !== i);
  if (wrong !== undefined) throw invalid(manifest, 1, `column "${wrong}" is unknown or there twice`);
  const missing = REQUIRED.find((name) => !columns.includes(name));
  if (missing !== undefined) throw invalid(manifest, 1, `column "${missing}" is missing`);
  if (rows.length === 0) throw invalid(manifest, 2, 'there is no signature');

  const samples = new Map<Sample, number>();
  const lineOf = new Map<string, number>();
  for (const { line, fields } of rows) {
    if (fields.length !== columns.length) {
      throw invalid(manifest, line, `there are ${fields.length} fields under ${columns.length} columns`);
    }
    const field = (name: string) => fields[columns.indexOf(name)]?.trim() ?? '';
    const kind = field('kind').toLowerCase();
    const writer = field('writer');
    if (field('path') === '' || writer === '') throw invalid(manifest, line, 'path or writer is empty');
    if (kind !== 'genuine' && kind !== 'forged') throw invalid(manifest, line, `kind is "${field('kind')}"`);
    const id = path.posix.normalize(field('path').replaceAll('\\', '/')).normalize('NFC');
    const before = lineOf.get(id);
    if (before !== undefined) throw invalid(manifest, line, `${id} is in line ${before} already`);
    lineOf.set(id, line);
    const identity = field('identity') === '' ? writer : field('identity');
    samples.set({ id, writer, identity, kind, path: path.resolve(path.dirname(manifest), field('path')) }, line);
  }
  return samples;
}

function parseRecords(manifest: string, text: string): CsvRecord[] {
  try {
    return parseCsv(text);
  } catch (cause) {
    if (cause instanceof CsvSyntaxError) throw invalid(manifest, cause.line, cause.message);
    throw cause;
  }
}

function invalid(manifest: string, line: number, what: string): CountersignError {
  const message = `Expected the columns path, writer, kind (genuine or forged)[, identity], but ${manifest}:${line}: ${what}.`;
  return new CountersignError('DATASET_MANIFEST_INVALID', message, { details: { file: manifest, line } });
}
