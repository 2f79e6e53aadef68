import type { FrrAtFar } from '../error-rates.js';
import type { CountedRate, ErrorReport, Estimate } from '../error-report.js';
import { grouped } from '../numbers.js';
import type { EvaluationReport } from '../report.js';
import { percent } from '../report-text.js';
import { type Content, html } from './markup.js';

/** Every measure, skilled and random forgeries apart. */
export function measuresSection(report: EvaluationReport) {
  const { skilled, random, counts, pairsDrawnPerWriter: drawn } = report;
  const columns = random === null ? [skilled] : [skilled, random];
  const row = (label: string, cell: (errors: ErrorReport) => Content) =>
    html`<tr><th scope="row">${label}</th>${columns.map((errors) => html`<td>${cell(errors)}</td>`)}</tr>\n`;
  return html`<section aria-labelledby="measures">
<h2 id="measures">Measures</h2>
<div class="scroll"><table>
<caption>${skilled.resamples > 0 ? `In brackets: 95 % interval, bootstrap over ${counts.writers} writers, ${grouped(skilled.resamples)} resamples.` : 'One writer: no intervals.'}${drawn === null ? '' : ` Pairs drawn per writer: ${drawn.genuine} genuine, ${drawn.forged} forged, not all pairs.`}</caption>
<thead><tr><th scope="col">One reference</th><th scope="col">skilled forgeries</th>${random === null ? null : html`<th scope="col">random forgeries</th>`}</tr></thead>
<tbody>
${[
  row('pairs, genuine + forged', ({ frr, far }) => `${grouped(frr.pairs)} + ${grouped(far.pairs)}`),
  row('FAR at the threshold', ({ far }) => rate(far)),
  row('FRR at the threshold', ({ frr }) => rate(frr)),
  row('EER', ({ eer }) => rate(eer)),
  row('AUC', ({ auc }) => rate(auc)),
  row('FRR at FAR 1 %', ({ frrAtFar }) => atFar(frrAtFar[0])),
  row('FRR at FAR 0.1 %', ({ frrAtFar }) => atFar(frrAtFar[1])),
  row('EER per writer, own thresholds', ({ perWriterEer }) =>
    perWriterEer === null ? '–' : `${percent(perWriterEer.mean)} (worst ${percent(perWriterEer.worst)})`,
  ),
]}
<tr><th scope="row">max balanced accuracy, <em>a posteriori</em></th><td>${percent(report.aPosteriori.skilled.balancedAccuracy)}</td>${random === null ? null : html`<td>–</td>`}</tr>
</tbody>
</table></div>
${referencesTable(report)}
</section>`;
}

/** Several references instead of one. */
function referencesTable({ references }: EvaluationReport): Content {
  const rows = [references ?? []].flat();
  if (rows.length === 0) return null;
  return html`<div class="scroll"><table>
<caption>Several references, skilled forgeries; mean over the draws of the references. FAR and FRR at the threshold for one reference.</caption>
<thead><tr><th scope="col">references, by</th><th scope="col">EER, deviation over draws</th><th scope="col">FAR</th><th scope="col">FRR</th></tr></thead>
<tbody>
${rows.map(
  ({ count, fusion, eerMean, eerDeviation, farMean, frrMean, draws }) =>
    html`<tr><th scope="row">${count}, ${fusion}</th><td>${percent(eerMean)} <span class="interval">± ${(100 * eerDeviation).toFixed(2)}, ${draws} draws</span></td><td>${percent(farMean)}</td><td>${percent(frrMean)}</td></tr>\n`,
)}
</tbody>
</table></div>`;
}

function rate({ value, interval }: Estimate | CountedRate): Content {
  if (interval === null) return percent(value);
  return html`${percent(value)} <span class="interval">[${(100 * interval.low).toFixed(2)}, ${(100 * interval.high).toFixed(2)}]</span>`;
}

function atFar(point: FrrAtFar | undefined): Content {
  if (point === undefined) return '–';
  return point.frr === null ? `too few errors: ${point.reason}` : percent(point.frr);
}
