import type { EvaluationReport } from '../report.js';
import type { ComparedPair } from '../worst-errors.js';
import { type Content, html } from './markup.js';
import type { Pictures } from './report-html.js';

/** The worst errors side by side as the network saw them, or by name where there are no pictures. */
export function errorPicturesSection({ worst, threshold }: EvaluationReport, pictures: Pictures): Content {
  if (worst === null) return null;
  const { falseAccepts, falseRejections } = worst;
  const seen = pictures.size > 0 ? ' as the network saw them' : '';
  return html`<section class="long" aria-labelledby="worst">
<h2 id="worst">The worst errors${seen}</h2>
<p class="label">Threshold ${threshold.value.toFixed(4)}. At most two pairs of one writer, and no image twice, so these are not simply the first of a list.${pictures.size > 0 ? ' Left the genuine reference, right the questioned signature.' : ''}</p>
<h3>Skilled forgeries accepted, the closest</h3>
${pairs(falseAccepts, 'forgery', pictures)}
<h3>Genuine signatures rejected, the farthest</h3>
${pairs(falseRejections, 'genuine signature', pictures)}
</section>`;
}

function pairs(list: readonly ComparedPair[], kind: string, pictures: Pictures): Content {
  if (list.length === 0) return html`<p>None.</p>`;
  if (pictures.size === 0) return table(list);
  return html`<div class="errors">${list.map(({ writer, reference, questioned, distance }) => {
    const image = (id: string, alt: string) =>
      html`<img src="${pictures.get(id) ?? ''}" alt="${alt}" width="224" height="128">`;
    return html`<figure><div class="images">${image(reference, `genuine reference ${reference}`)}${image(questioned, `questioned ${kind} ${questioned}`)}</div><figcaption><div class="names"><span>${reference}</span><span>${questioned}</span></div><b>Distance ${distance.toFixed(3)}</b>, writer ${writer}</figcaption></figure>\n`;
  })}</div>`;
}

function table(list: readonly ComparedPair[]): Content {
  return html`<div class="scroll"><table>
<caption>Pairs by name; the pictures are left out.</caption>
<thead><tr><th scope="col">writer</th><th scope="col">distance</th><th scope="col">reference</th><th scope="col">questioned</th></tr></thead>
<tbody>
${list.map(
  ({ writer, reference, questioned, distance }) =>
    html`<tr><th scope="row">${writer}</th><td>${distance.toFixed(3)}</td><td>${reference}</td><td>${questioned}</td></tr>\n`,
)}
</tbody>
</table></div>`;
}
