/** What came of items, as CSV and as one JSON object a line. */
import { formatCsv } from '../data/csv.js';
import type { BulkResult } from '../store/bulk-results.js';

export const RESULT_FORMATS = ['csv', 'ndjson'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

const COLUMNS = [
  ...['position', 'writer', 'label', 'state', 'result', 'distance', 'llr', 'policy', 'amount', 'currency'],
  ...['decision', 'case', 'reference', 'code', 'reason', 'at'],
];

/** Lines as they come, for a file or an answer of any length. */
export async function* resultLines(results: AsyncIterable<BulkResult>, format: ResultFormat): AsyncGenerator<string> {
  if (format === 'csv') yield formatCsv([COLUMNS]);
  for await (const result of results) {
    yield format === 'csv' ? formatCsv([cellsOf(result)]) : `${JSON.stringify(result)}\n`;
  }
}

function cellsOf(result: BulkResult): (string | number)[] {
  const { position, writer, label, state, distance, logLikelihoodRatio, policy, amount, currency } = result;
  const reason = result.reason ?? result.reasons[0];
  return [
    ...[position, writer, label, state, result.result, distance, logLikelihoodRatio, policy, amount, currency],
    ...[result.decisionId, result.caseId, result.referenceId, result.code, reason, result.updatedAt.toISOString()],
  ].map((value) => value ?? '');
}
