import { learntFrom } from '../../nn/model-metadata.js';
import { thresholdWords } from '../distance-words.js';
import { grouped } from '../numbers.js';
import type { EvaluationReport } from '../report.js';
import { percent } from '../report-text.js';
import { probeEer, SHAPE_ONLY_PROBE } from '../verdict.js';
import { GLOSSARY } from './glossary.js';
import { type Content, html } from './markup.js';
import { probePanel } from './probe-panel.js';

/** What the pictures give away without their shape. */
export function leakSection(report: EvaluationReport): Content {
  const eer = probeEer(report);
  if (report.input === 'shape-only') {
    return html`<section aria-labelledby="leaks">
<h2 id="leaks">Leak audit</h2>
<p>${SHAPE_ONLY_PROBE}</p>
</section>`;
  }
  if (eer === null) {
    return html`<section aria-labelledby="leaks">
<h2 id="leaks">Leak audit</h2>
<p>Not measured: ${report.distance === 'given' ? 'there are scores only, no pictures' : 'it was left out, or the set has too few writers for it'}. How far these pairs can be told apart without looking at a signature is unknown.</p>
</section>`;
  }
  const { probe, randomSplits } = report.leak!;
  const how = probe
    ? `fitted on ${probe.fittedWriters} other writers of the set and tested on the ${probe.testWriters} test writers (AUC ${percent(probe.auc)})`
    : `fitted on one random half of the writers and tested on the other, every picture once: mean and deviation of ${randomSplits!.splits} draws ${percent(randomSplits!.eerMean)} ± ${(100 * randomSplits!.eerDeviation).toFixed(2)}`;
  return html`<section aria-labelledby="leaks">
<h2 id="leaks">Leak audit</h2>
<figure>${probePanel(report.skilled.eer, eer)}<figcaption>A system whose interval is not clearly left of the probe has shown nothing on this set.</figcaption></figure>
<p>The probe is a logistic regression on ten numbers without shape (size of the picture, greys of paper and ink, amount, width and place of the ink) of the files as they are, ${how}. Its own luck is not in the comparison.</p>
</section>`;
}

export function failuresSection({ failures, distance }: EvaluationReport): Content {
  const { images, share, byCode, genuinePairsRejected, skilledPairsLeftOut, randomPairsLeftOut, rule } = failures;
  const codes = Object.entries(byCode).map(([code, count]) => `${code} ${count}`);
  const refused = distance === 'given' ? 'Comparisons refused' : 'Images that could not be processed';
  const total = distance === 'given' ? genuinePairsRejected + skilledPairsLeftOut + randomPairsLeftOut : images;
  return html`<section aria-labelledby="failures">
<h2 id="failures">Failures</h2>
<p>${refused}: ${total === 0 ? 'none' : grouped(total)}${images > 0 ? ` (${percent(share)}: ${codes.join(', ')})` : ''}. ${
    total === 0
      ? ''
      : `${grouped(genuinePairsRejected)} genuine pairs count as false rejections; ${grouped(skilledPairsLeftOut)} skilled and ${grouped(randomPairsLeftOut)} random pairs are left out of FAR.`
  }</p>
<p class="label">${rule}</p>
</section>`;
}

function samplesTested({ genuineSamples, forgedSamples }: EvaluationReport['counts']): string {
  if (genuineSamples === null || forgedSamples === null) return '';
  return `, ${grouped(genuineSamples)} genuine signatures, ${grouped(forgedSamples)} skilled forgeries`;
}

/** What was trained on what, what was tested, and how to do it again. */
export function provenanceSection(report: EvaluationReport): Content {
  const { provenance, counts } = report;
  const facts: [string, Content][] = [
    ['model', report.modelId],
    ...modelFacts(report),
    ['tested on', `${report.dataset}, ${report.protocol}: ${counts.writers} writers${samplesTested(counts)}`],
    [
      'threshold',
      `${thresholdWords(report)}, ${report.threshold.source}${report.threshold.carriedOver ? '; carried over from another set' : ''}`,
    ],
    ...(provenance === null
      ? []
      : ([
          ['data hash', html`<code>${provenance.dataHash}</code>`],
          ['seed', provenance.seed],
          ['version', `Countersign ${provenance.version}`],
          ['date', provenance.date ?? 'not recorded'],
        ] satisfies [string, Content][])),
  ];
  return html`<section aria-labelledby="provenance">
<h2 id="provenance">Where this comes from</h2>
<dl class="facts">
${facts.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>\n`)}
</dl>
${provenance?.command ? html`<div class="keep"><h3>To repeat it</h3>\n<pre><code>${provenance.command}</code></pre></div>` : null}
</section>`;
}

function modelFacts({ provenance }: EvaluationReport): [string, Content][] {
  if (!provenance?.model) return [];
  const { training, quantization } = provenance.model;
  const sets = learntFrom(provenance.model).map(({ dataset, protocol }) =>
    protocol === null ? `${dataset}` : `${dataset} (without the test writers of ${protocol})`,
  );
  return [
    ['learnt from', sets.join('; ') || 'nothing'],
    [
      'training',
      `${training.developmentWriters} writers, ${training.validationWriters} more for the checkpoint; ${training.loss}, seed ${training.seed}, step ${training.step}, from ${training.initialWeights}, Countersign ${training.version}`,
    ],
    ['hash of the training data', html`<code>${training.dataHash}</code>`],
    ...(quantization === undefined ? [] : ([['8-bit form of', quantization.model]] satisfies [string, Content][])),
  ];
}

export function glossarySection(): Content {
  return html`<section aria-labelledby="glossary">
<h2 id="glossary">The measures in a line each</h2>
<dl class="facts">
${GLOSSARY.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>\n`)}
</dl>
</section>`;
}
