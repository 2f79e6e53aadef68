/** Several evaluations as one: of random writer splits, or of models trained with other seeds. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';

const rate = z.object({ value: z.number().min(0).max(1) });
const errors = z.object({ far: rate, frr: rate, eer: rate });
/** What is read of a report; see EvaluationReport for the rest. */
const reportSchema = z.object({
  schema: z.literal('countersign/evaluation@1'),
  protocol: z.string(),
  dataset: z.string(),
  modelId: z.string(),
  skilled: errors,
  random: errors.nullable(),
});

type SummarisedReport = z.output<typeof reportSchema>;

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
  readonly reports: readonly (Pick<SummarisedReport, 'protocol' | 'dataset' | 'modelId'> & SummaryRates)[];
  /** Null where a report lacks the rate. */
  readonly spread: Readonly<Record<keyof SummaryRates, Spread | null>>;
}

/**
 * @param files - of reports written by `evaluate --out` or `judge --out`
 * @throws CountersignError REPORT_INVALID; INVALID_ARGUMENT when two are of the same model, data and protocol
 */
export async function summariseReports(files: readonly string[]): Promise<Summary> {
  const read = await Promise.all(files.map(readReport));
  refuseTwice(files, read);
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

async function readReport(file: string): Promise<SummarisedReport> {
  const invalid = (reason: string, cause?: unknown) =>
    new CountersignError('REPORT_INVALID', `${file} is no evaluation report: ${reason}`, { details: { file }, cause });
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw invalid(code === undefined ? message : `${code} came.`, cause);
  }
  const parsed = reportSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw invalid(z.prettifyError(parsed.error));
}

/** The same evaluation given twice would make the spread look smaller than it is. */
function refuseTwice(files: readonly string[], reports: readonly SummarisedReport[]): void {
  const keys = reports.map(({ protocol, dataset, modelId }) => JSON.stringify([protocol, dataset, modelId]));
  keys.forEach((key, i) => {
    const first = keys.indexOf(key);
    if (first === i) return;
    const { protocol, dataset, modelId } = reports[i]!;
    const message = `Expected reports of different splits or models, but ${files[first]} and ${files[i]} are both of ${modelId} on ${dataset} by ${protocol}.`;
    throw new CountersignError('INVALID_ARGUMENT', message, { details: { files: [files[first], files[i]] } });
  });
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
