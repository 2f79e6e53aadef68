import { formatRate } from '../operating-points.js';
import type { EvaluationReport } from '../report.js';
import { type Content, html } from './markup.js';
import { rate } from './measures-section.js';

/** False-accept rates that the model's calibration aims at, and what came on these writers. */
export function promisesSection({ operatingPoints }: EvaluationReport): Content {
  if (operatingPoints === null) return null;
  return html`<section aria-labelledby="promises">
<h2 id="promises">Promised and realised</h2>
<div class="scroll"><table>
<caption>Thresholds for a false-accept rate on skilled forgeries, taken from the model's calibration writers, and the rate that came on the writers of this test.</caption>
<thead><tr><th scope="col">aimed at</th><th scope="col">threshold</th><th scope="col">came</th><th scope="col">within a factor of two</th><th scope="col">promised</th></tr></thead>
<tbody>
${operatingPoints.map(
  ({ target, threshold, realised, withinFactorOfTwo, unsupported }) =>
    html`<tr><th scope="row">${formatRate(target)}</th><td>${threshold.toFixed(4)}</td><td>${rate(realised)}</td><td>${withinFactorOfTwo ? 'yes' : 'no'}</td><td>${unsupported === null ? 'yes' : 'no: the calibration cannot support it'}</td></tr>\n`,
)}
</tbody>
</table></div>
</section>`;
}
