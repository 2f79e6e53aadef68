/**
 * The evaluation report as one HTML file: no script, nothing loaded from elsewhere, readable on a screen, on a phone
 * and on A4.
 */
import type { EvaluationReport } from '../report.js';
import { verdictOf } from '../verdict.js';
import { errorPicturesSection } from './error-pictures-section.js';
import { failuresSection, glossarySection, leakSection, provenanceSection } from './fact-sections.js';
import { curvesSection, distancesSection, reliabilitySection } from './figure-sections.js';
import { html, Markup } from './markup.js';
import { measuresSection } from './measures-section.js';
import { promisesSection } from './promises-section.js';
import { STYLE } from './style.js';
import { verdictSection } from './verdict-section.js';
import { writersSection } from './writers-section.js';

/** Data URIs of the canvases of the worst errors, by sample id. */
export type Pictures = ReadonlyMap<string, string>;

/** @param pictures - of people's signatures: personal data. Without them the pairs are named only */
export function renderReportHtml(report: EvaluationReport, pictures: Pictures = new Map()): string {
  const verdict = verdictOf(report);
  const title = `${report.modelId} on ${report.dataset}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}: evaluation of signature verification</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="label">Evaluation of handwritten-signature verification${report.provenance?.date ? `, ${report.provenance.date.slice(0, 10)}` : ''}. Test: ${report.protocol}.</p>
</header>
<main>
${[
  verdictSection(report, verdict),
  measuresSection(report),
  promisesSection(report),
  curvesSection(report),
  distancesSection(report),
  reliabilitySection(report),
  writersSection(report),
  errorPicturesSection(report, pictures),
  leakSection(report),
  failuresSection(report),
  provenanceSection(report),
  glossarySection(),
]}
</main>
<footer class="label">Made by Countersign${report.provenance ? ` ${report.provenance.version}` : ''} from its report.json alone${pictures.size > 0 ? ', and the pictures from the data set. They are signatures of people: personal data' : ''}.</footer>
</body>
</html>
`.text;
}
