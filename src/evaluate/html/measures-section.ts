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
  if (references.length === 0) return null;
  const shared = (value: number | null) => (value === null ? '–' : percent(value));
  return html`<div class="scroll"><table>
<caption>Several references, drawn ${references[0]!.draws} times: means over the draws, ± the luck of the draw. FAR and FRR at the threshold for one reference, where the fusion keeps to the scale of distances.</caption>
<thead><tr><th scope="col">references, fused by</th><th scope="col">EER, skilled</th><th scope="col">per writer</th><th scope="col">FAR, skilled</th><th scope="col">FRR</th><th scope="col">EER, random</th></tr></thead>
<tbody>
${references.map(({ count, fusion, skilled, random, frrMean }) => {
  const spread = html`<span class="interval">± ${(100 * skilled.eerDeviation).toFixed(2)}</span>`;
  return html`<tr><th scope="row">${count === 1 ? '1' : `${count}, ${fusion}`}</th><td>${percent(skilled.eerMean)} ${spread}</td><td>${percent(skilled.perWriterEerMean)}</td><td>${shared(skilled.farMean)}</td><td>${shared(frrMean)}</td><td>${shared(random?.eerMean ?? null)}</td></tr>\n`;
})}
</tbody>
</table></div>`;
}

export function rate({ value, interval }: Estimate | CountedRate): Content {
  if (interval === null) return percent(value);
  return html`${percent(value)} <span class="interval">[${(100 * interval.low).toFixed(2)}, ${(100 * interval.high).toFixed(2)}]</span>`;
}

function atFar(point: FrrAtFar | undefined): Content {
  if (point === undefined) return '–';
  return point.frr === null ? `too few errors: ${point.reason}` : percent(point.frr);
}
