import { grouped } from '../numbers.js';
import type { EvaluationReport } from '../report.js';
import { percent } from '../report-text.js';
import { detPanel } from './det-panel.js';
import { histogramPanel } from './histogram-panel.js';
import { type Content, html } from './markup.js';
import { CLASSES, type ClassName } from './panel.js';
import { reliabilityPanel } from './reliability-panel.js';
import { rocPanel } from './roc-panel.js';

export function curvesSection(report: EvaluationReport) {
  return html`<section aria-labelledby="curves">
<h2 id="curves">Error rates over all thresholds</h2>
${legend(report.random === null ? ['skilled'] : ['skilled', 'random'])}
<div class="pair">
<figure>${detPanel(report)}<figcaption><b>DET.</b> The ring is the threshold fixed beforehand; where a curve meets the diagonal is its EER. Axes are probits: normal distances give straight lines.</figcaption></figure>
<figure>${rocPanel(report)}<figcaption><b>ROC.</b> The same on plain axes; the area under a curve is its AUC.</figcaption></figure>
</div>
</section>`;
}

export function distancesSection(report: EvaluationReport) {
  const { skilled, random, threshold } = report;
  return html`<section aria-labelledby="distances">
<h2 id="distances">Distances</h2>
${legend(random === null ? ['genuine', 'skilled'] : ['genuine', 'skilled', 'random'])}
<div class="pair">
<figure>${histogramPanel(report)}<figcaption>What of the forgeries lies left of the threshold is FAR, what of the genuine pairs lies right of it is FRR.</figcaption></figure>
<table>
<caption>Decisions at the threshold, ${threshold.value.toFixed(4)}, fixed beforehand.</caption>
<thead><tr><th scope="col">pairs</th><th scope="col">accepted</th><th scope="col">rejected</th></tr></thead>
<tbody>
${decisions('genuine', skilled.frr.pairs - skilled.frr.errors, skilled.frr.pairs)}
${decisions('skilled forgeries', skilled.far.errors, skilled.far.pairs)}
${random === null ? null : decisions('random forgeries', random.far.errors, random.far.pairs)}
</tbody>
</table>
</div>
</section>`;
}

function decisions(label: string, accepted: number, pairs: number): Content {
  return html`<tr><th scope="row">${label}</th><td>${grouped(accepted)}</td><td>${grouped(pairs - accepted)}</td></tr>`;
}

export function reliabilitySection({ calibration }: EvaluationReport): Content {
  if (calibration === null) return null;
  const { cllr, minCllr, ece, brier } = calibration;
  return html`<section aria-labelledby="reliability">
<h2 id="reliability">Is the similarity what it says?</h2>
<div class="pair">
<figure>${reliabilityPanel(calibration)}<figcaption>Skilled forgeries, genuine and forged pairs weighing the same. On the diagonal the chance that was said came true; a dot's area is the share of pairs in its bin.</figcaption></figure>
<table>
<caption>Fitted before the test, on other writers.</caption>
<thead><tr><th scope="col">measure</th><th scope="col">value</th></tr></thead>
<tbody>
<tr><th scope="row">Cllr</th><td>${cllr.toFixed(3)} bits</td></tr>
<tr><th scope="row">least Cllr: what the distances allow</th><td>${minCllr.toFixed(3)} bits</td></tr>
<tr><th scope="row">cost of the calibration, the difference</th><td>${(cllr - minCllr).toFixed(3)} bits</td></tr>
<tr><th scope="row">ECE</th><td>${percent(ece)}</td></tr>
<tr><th scope="row">Brier</th><td>${brier.toFixed(3)}</td></tr>
</tbody>
</table>
</div>
</section>`;
}

function legend(names: readonly ClassName[]): Content {
  return html`<ul class="legend label">${names.map((name) => {
    const { label, stroke, dash } = CLASSES[name];
    return html`<li><svg width="30" height="6" aria-hidden="true"><line x1="0" x2="30" y1="3" y2="3" stroke="${stroke}" stroke-width="2.5" stroke-dasharray="${dash}"/></svg>${label}</li>`;
  })}</ul>`;
}
