/** Several evaluations as one: of random writer splits, or of models trained with other seeds. */
import { CountersignError } from '../core/errors.js';
import type { EvaluationReport } from './report.js';
import { readReport } from './report-schema.js';

/** Over the reports; rates 0 .. 1. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation of the sample, n - 1 in the divisor; null for one report. */
  readonly deviation: number | null;
  readonly least: number;
  readonly greatest: number;
}

export const SUMMARY_RATES = ['eerSkilled', 'farSkilled', 'frr', 'eerRandom', 'farRandom'] as const;

/** The rates of one report; those of random forgeries are null where it has none. */
export type SummaryRates = Readonly<Record<(typeof SUMMARY_RATES)[number], number | null>>;

export interface Summary {
  readonly schema: 'countersign/summary@1';
  readonly reports: readonly (Pick<EvaluationReport, 'protocol' | 'dataset' | 'modelId'> & SummaryRates)[];
  /** Null where a report lacks the rate. */
  readonly spread: Readonly<Record<keyof SummaryRates, Spread | null>>;
}

/**
 * @param files - of reports written by `evaluate --out` or `judge --out`
 * @throws CountersignError REPORT_INVALID; INVALID_ARGUMENT when two are of the same model, data and
 *   protocol, or are of different data sets or inputs, whose mean would mean nothing
 */
export async function summariseReports(files: readonly string[]): Promise<Summary> {
  const read = await Promise.all(files.map(readReport));
  refuseTwice(files, read);
  refuseUnlike(files, read);
  const reports = read.map(({ protocol, dataset, modelId, skilled, random }) => ({
    protocol,
    dataset,
    modelId,
    eerSkilled: skilled.eer.value,
    farSkilled: skilled.far.value,
    frr: skilled.frr.value,
    eerRandom: random?.eer.value ?? null,
    farRandom: random?.far.value ?? null,
  }));
  const spread = SUMMARY_RATES.map((name) => [name, spreadOf(reports.map((report) => report[name]))] as const);
  return {
    schema: 'countersign/summary@1',
    reports,
    spread: Object.fromEntries(spread) as Record<keyof SummaryRates, Spread | null>,
  };
}

/** The same evaluation given twice would make the spread look smaller than it is. */
function refuseTwice(files: readonly string[], reports: readonly EvaluationReport[]): void {
  const keys = reports.map(({ protocol, dataset, modelId, provenance }) =>
    JSON.stringify([protocol, dataset, modelId, provenance?.dataHash]),
  );
  keys.forEach((key, i) => {
    const first = keys.indexOf(key);
    if (first === i) return;
    const { protocol, dataset, modelId } = reports[i]!;
    const message = `Expected reports of different splits or models, but ${files[first]} and ${files[i]} are both of ${modelId} on ${dataset} by ${protocol}.`;
    throw new CountersignError('INVALID_ARGUMENT', message, { details: { files: [files[first], files[i]] } });
  });
}

/** Scores of another system are of a file, not of a data set: their files may be several. */
function refuseUnlike(files: readonly string[], reports: readonly EvaluationReport[]): void {
  const kinds = reports.map(({ dataset, input, distance }) =>
    distance === 'given' ? 'scores of another system' : `of ${dataset}, ${input}`,
  );
  const other = kinds.findIndex((kind) => kind !== kinds[0]);
  if (other === -1) return;
  const message = `Expected reports of one data set and one input, but ${files[0]} is ${kinds[0]}, and ${files[other]} is ${kinds[other]}: sum them up apart.`;
  throw new CountersignError('INVALID_ARGUMENT', message, { details: { files: [files[0], files[other]] } });
}

function spreadOf(values: readonly (number | null)[]): Spread | null {
  const known = values.flatMap((value) => value ?? []);
  if (known.length < values.length) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: known.length === 1 ? null : Math.sqrt(squares / (known.length - 1)),
    least: Math.min(...known),
    greatest: Math.max(...known),
  };
}
