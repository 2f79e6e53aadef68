/**
 * The evaluation report as one picture for screen and print: the distance histograms with the threshold, and the DET
 * curves on probit axes.
 */
import { detPanel } from './det-panel.js';
import { histogramPanel } from './histogram-panel.js';
import { CLASSES, type ClassName } from './panel.js';
import type { EvaluationReport } from './report.js';
import { rate } from './report-text.js';

const WIDTH = 1000;
const HEIGHT = 540;
const FONT = 'Helvetica, Arial, DejaVu Sans, sans-serif';

/** @returns a whole SVG document, 1000 x 540 */
export function renderReportSvg(report: EvaluationReport): string {
  const { skilled, random, counts, threshold } = report;
  const eers = [`EER ${rate(skilled.eer)} skilled`, ...(random ? [`${rate(random.eer)} random`] : [])].join(', ');
  const interval = skilled.eer.interval === null ? '' : ' Brackets: 95 % interval over writers.';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="${FONT}" fill="#111">
<title>${escapeXml(`${report.protocol}: ${eers}`)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
<text x="20" y="30" font-size="19" font-weight="bold">${escapeXml(report.protocol)}</text>
<text x="20" y="52" font-size="14">${escapeXml(`${eers}.${interval}`)}</text>
<text x="20" y="71" font-size="12" fill="#444">${escapeXml(`${counts.writers} test writers of ${report.dataset}, one reference; ${counts.genuinePairs} genuine, ${counts.skilledPairs} skilled, ${counts.randomPairs} random pairs; model ${report.modelId}`)}</text>
${legend(random === null ? ['genuine', 'skilled'] : ['genuine', 'skilled', 'random'])}
<g transform="translate(5,105)" color="#111">${histogramPanel(report)}</g>
<g transform="translate(505,105)" color="#111">${detPanel(report)}</g>
<text x="20" y="${HEIGHT - 9}" font-size="11" fill="#444">${escapeXml(`Threshold ${threshold.value.toFixed(4)} fixed beforehand: ${threshold.source}. Failed images: ${report.failures.images}.`)}</text>
</svg>
`;
}

function legend(names: readonly ClassName[]): string {
  const lines = names.map((name) => {
    const { label, stroke, dash } = CLASSES[name];
    return { label, mark: `<line x2="30" stroke="${stroke}" stroke-width="2.5" stroke-dasharray="${dash}"/>` };
  });
  const ring = '<circle cx="22" r="5" fill="white" stroke="#111" stroke-width="2"/>';
  return [...lines, { label: 'at the threshold', mark: ring }]
    .map(
      ({ label, mark }, i) =>
        `<g transform="translate(${20 + 165 * i},91)">${mark}<text x="37" y="4" font-size="12">${label}</text></g>`,
    )
    .join('');
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
