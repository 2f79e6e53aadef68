/** A summary of reports as a table for a terminal. Rates in percent. */
import { percent } from './report-text.js';
import { SUMMARY_RATES, type Summary, type SummaryRates } from './summary.js';

const HEADINGS: Readonly<Record<keyof SummaryRates, string>> = {
  eerSkilled: 'EER skilled',
  farSkilled: 'FAR skilled',
  frr: 'FRR',
  eerRandom: 'EER random',
  farRandom: 'FAR random',
};

export function renderSummaryText({ reports, spread }: Summary): string {
  const shown = (value: number | null | undefined) => (value == null ? '-' : percent(value));
  const row = (label: string, cell: (name: keyof SummaryRates) => string) =>
    `${label.padEnd(width)}${SUMMARY_RATES.map((name) => cell(name).padStart(13)).join('')}`;
  const labels = reports.map(({ protocol, dataset, modelId }) => `${protocol}   data ${dataset}   model ${modelId}`);
  const width = Math.max(...labels.map((label) => label.length), `mean of ${reports.length}`.length);
  return [
    row('', (name) => HEADINGS[name]),
    ...reports.map((report, i) => row(labels[i]!, (name) => shown(report[name]))),
    '',
    row(`mean of ${reports.length}`, (name) => shown(spread[name]?.mean)),
    row('standard deviation', (name) => shown(spread[name]?.deviation)),
    row('least', (name) => shown(spread[name]?.least)),
    row('greatest', (name) => shown(spread[name]?.greatest)),
    '',
    'FAR and FRR at the threshold that was fixed beforehand for each.',
  ].join('\n');
}
