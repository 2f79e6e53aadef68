import type { CountedRate, Estimate } from '../error-report.js';
import { perHundred } from '../numbers.js';
import type { EvaluationReport } from '../report.js';
import { percent } from '../report-text.js';
import { probeEer, type Verdict } from '../verdict.js';
import { type Content, html } from './markup.js';

export function verdictSection(report: EvaluationReport, verdict: Verdict) {
  const { far, frr, eer } = report.skilled;
  const probe = probeEer(report);
  return html`<section class="verdict" aria-labelledby="verdict">
<h2 id="verdict">Verdict</h2>
<p class="headline">${verdict.headline}</p>
<dl class="figures">
${ofHundred('skilled forgeries accepted', far)}
${ofHundred('genuine signatures rejected', frr)}
<div><dt>equal error rate, skilled</dt><dd>${percent(eer.value)}${bounds(eer, percent)}</dd></div>
${probe === null ? null : html`<div><dt>equal error rate of a probe that sees no shape</dt><dd>${percent(probe)}</dd></div>`}
</dl>
<p>${verdict.tested}</p>
<p>${verdict.errors.join(' ')}</p>
<p>${verdict.evidence}</p>
${list('May be used', verdict.mayBeUsed)}
${list('Not to be used', verdict.notToBeUsed)}
</section>`;
}

function ofHundred(what: string, rate: CountedRate): Content {
  return html`<div><dt>of 100 ${what}</dt><dd>${perHundred(rate.value)}${bounds(rate, perHundred)}</dd></div>`;
}

function bounds({ interval }: Estimate, write: (share: number) => string): Content {
  if (interval === null) return html`<small>no interval: one writer</small>`;
  return html`<small>95 % interval ${write(interval.low)} to ${write(interval.high)}</small>`;
}

function list(heading: string, items: readonly string[]): Content {
  if (items.length === 0) return null;
  return html`<h3>${heading}</h3>
<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}
