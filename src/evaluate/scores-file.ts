/** Scores of any system, from a CSV file: what `countersign judge` takes in place of a model and images. */
import { readFile } from 'node:fs/promises';
import { CountersignError } from '../core/errors.js';
import { type CsvRecord, CsvSyntaxError, parseCsv } from '../data/csv.js';
import { compareNatural } from '../data/natural-order.js';
import type { GroupedDistances } from './weighted-rates.js';

export const SCORE_KINDS = ['genuine', 'forged', 'random'] as const;
export type ScoreKind = (typeof SCORE_KINDS)[number];

/** Comparisons by kind; `forged` are skilled forgeries, `random` are other writers' signatures. */
export interface Scores {
  /** What the file has; distances in the tables are the negatives of scores. */
  readonly measure: (typeof MEASURES)[number];
  /** Claimed writers, in natural order; `writer` of the tables indexes this list. */
  readonly writers: readonly string[];
  readonly tables: Readonly<Record<ScoreKind, GroupedDistances>>;
}

const REQUIRED = ['writer', 'kind'] as const;
const MEASURES = ['distance', 'score'] as const;

/**
 * Columns `writer` (the one claimed), `kind` (genuine, forged or random) and either `distance` (smaller is closer) or
 * `score` (greater is closer; its negative is the distance); others, such as the names of the two images, are passed
 * over. An empty measure is a comparison that the system refused: it counts as one of a failed image.
 *
 * @throws CountersignError SCORES_INVALID naming file and line
 */
export async function readScores(file: string): Promise<Scores> {
  const invalid = (line: number, what: string) =>
    new CountersignError('SCORES_INVALID', `${file}, line ${line}: ${what}.`, { details: { file, line } });
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new CountersignError('SCORES_INVALID', `Expected to read ${file}, but ${cause.code} came.`, { cause });
  });
  let records: CsvRecord[];
  try {
    records = parseCsv(text);
  } catch (cause) {
    if (cause instanceof CsvSyntaxError) throw invalid(cause.line, cause.message);
    throw cause;
  }
  const [header, ...rows] = records;
  const columns = header?.fields.map((name) => name.trim().toLowerCase()) ?? [];
  if (columns.length === 1 && /[;\t]/.test(columns[0]!)) {
    throw invalid(1, 'the columns are not separated by commas (and a decimal comma has to become a point)');
  }
  const missing = REQUIRED.find((name) => !columns.includes(name));
  if (missing !== undefined) throw invalid(1, `column "${missing}" is missing`);
  const measures = MEASURES.filter((name) => columns.includes(name));
  if (measures.length !== 1) throw invalid(1, 'expected one of the columns "distance" and "score"');
  const [measure] = measures as [(typeof MEASURES)[number]];

  const read = rows.map(({ line, fields }) => {
    if (fields.length !== columns.length) {
      throw invalid(line, `there are ${fields.length} fields under ${columns.length} columns`);
    }
    const field = (name: string) => fields[columns.indexOf(name)]!.trim();
    const [writer, kind, value] = [field('writer'), field('kind').toLowerCase(), field(measure)];
    if (writer === '') throw invalid(line, 'writer is empty');
    if (!isScoreKind(kind)) throw invalid(line, `kind is "${field('kind')}", not ${SCORE_KINDS.join(', ')}`);
    const number = value === '' ? Number.POSITIVE_INFINITY : Number(value) * (measure === 'score' ? -1 : 1);
    if (value !== '' && !Number.isFinite(number)) throw invalid(line, `${measure} is "${value}"`);
    return { writer, kind, distance: number };
  });
  for (const kind of ['genuine', 'forged'] as const) {
    if (!read.some((row) => row.kind === kind && row.distance !== Infinity)) {
      throw invalid(1, `there is no ${kind} comparison with a ${measure}`);
    }
  }
  const writers = [...new Set(read.map(({ writer }) => writer))].sort(compareNatural);
  const indexOf = new Map(writers.map((writer, index) => [writer, index]));
  const table = (kind: ScoreKind): GroupedDistances => {
    const own = read.filter((row) => row.kind === kind);
    return {
      distance: Float64Array.from(own, ({ distance }) => distance),
      writer: Uint32Array.from(own, ({ writer }) => indexOf.get(writer)!),
    };
  };
  return { measure, writers, tables: { genuine: table('genuine'), forged: table('forged'), random: table('random') } };
}

function isScoreKind(text: string): text is ScoreKind {
  return (SCORE_KINDS as readonly string[]).includes(text);
}
