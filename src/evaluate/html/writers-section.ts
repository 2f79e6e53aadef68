import type { EvaluationReport } from '../report.js';
import { percent } from '../report-text.js';
import type { WriterErrors } from '../writer-errors.js';
import { type Content, html } from './markup.js';
import { byEer, writerPanel } from './writer-panel.js';

const LISTED = 8;

export function writersSection({ perWriter }: EvaluationReport): Content {
  const sorted = byEer(perWriter);
  if (sorted.length === 0) return null;
  const worst = sorted.slice(-LISTED).reverse();
  const withoutErrors = sorted.filter(({ far, frr }) => far === 0 && frr === 0).length;
  return html`<section aria-labelledby="writers">
<h2 id="writers">Writer by writer</h2>
<div class="pair">
<figure>${writerPanel(perWriter)}<figcaption><b>●</b> EER at the writer's own threshold; <span style="color:var(--skilled)">△</span> FAR and <span style="color:var(--genuine)">○</span> FRR at the threshold of all. One column is one writer. Worst EER: writer ${worst[0]!.writer}. Without any error at the threshold of all: ${withoutErrors} of ${sorted.length}.</figcaption></figure>
<table>
<caption>The ${worst.length === 1 ? 'writer' : `${worst.length} writers`} with the greatest EER, skilled forgeries.</caption>
<thead><tr><th scope="col">writer</th><th scope="col">EER</th><th scope="col">FAR</th><th scope="col">FRR</th></tr></thead>
<tbody>
${worst.map(row)}
</tbody>
</table>
</div>
</section>`;
}

function row({ writer, eer, far, frr }: WriterErrors): Content {
  const cell = (value: number | null) => html`<td>${value === null ? '–' : percent(value)}</td>`;
  return html`<tr><th scope="row">${writer}</th>${[eer, far, frr].map(cell)}</tr>\n`;
}
