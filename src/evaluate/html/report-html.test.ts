import { parseHTML } from 'linkedom';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawErrorPictures } from '../error-pictures.js';
import { failures, madeUp } from '../made-up.fixture.js';
import { evaluateProtocol } from '../protocol.js';
import { verdictOf } from '../verdict.js';
import { renderReportHtml } from './report-html.js';

const leak = { probe: { eer: 0.11, auc: 0.95, fittedWriters: 100, testWriters: 6 }, randomSplits: null };
const training = {
  datasets: ['made-up & more'],
  developmentWriters: 90,
  validationWriters: 10,
  dataHash: 'abc',
  seed: 1,
  step: 360,
  loss: 'triplet',
  initialWeights: 'start.onnx',
  validationEer: 0.07,
  version: '0.1.0',
  protocols: [],
  ancestry: [],
};
const provenance = {
  command: "countersign evaluate --data 'my signatures' --out report",
  date: '2026-01-02T03:04:05.678Z',
  version: '0.1.0',
  seed: 7,
  dataHash: 'def',
  model: { training },
};
const input = madeUp(6, 0.5);
const report = evaluateProtocol({ ...input, failures, leak, provenance });

/** Without its namespace names, which load nothing. */
const withoutNamespaces = (page: string) => page.replaceAll(/ xmlns(:\w+)?="[^"]*"/g, '');
const documentOf = (page: string) => parseHTML(page).document;

describe('the report as a page', () => {
  const page = renderReportHtml(report);
  const document = documentOf(page);

  it('says the verdict first, and every part of the report', () => {
    const headings = [...document.querySelectorAll('h2')].map(({ textContent }) => textContent);
    expect(headings).toEqual([
      'Verdict',
      'Measures',
      'Error rates over all thresholds',
      'Distances',
      'Is the similarity what it says?',
      'Writer by writer',
      'The worst errors',
      'Leak audit',
      'Failures',
      'Where this comes from',
      'The measures in a line each',
    ]);
    const text = document.body.textContent!;
    const verdict = verdictOf(report);
    for (const sentence of [verdict.headline, verdict.tested, verdict.evidence, ...verdict.notToBeUsed]) {
      expect(text).toContain(sentence);
    }
    for (const value of ['11.00 %', 'IMAGE_BLANK 1', provenance.command, 'start.onnx', '2026-01-02', 'seed']) {
      expect(text).toContain(value);
    }
    expect(text).not.toMatch(/NaN|undefined|\bnull\b|Infinity|\[object/);
  });

  it('loads nothing, from nowhere, and runs nothing', () => {
    expect(withoutNamespaces(page)).not.toMatch(/https?:|\/\/[a-z]|<script|<link|<iframe|@import|\son\w+=/i);
    for (const url of page.matchAll(/url\(([^)]*)\)/g)) expect(url[1]).toMatch(/^#/);
    for (const element of document.querySelectorAll('[src],[href]')) {
      const target = element.getAttribute('src') ?? element.getAttribute('href');
      expect(target).toMatch(/^(data:image\/png;base64,|#)/);
    }
  });

  it('names its figures and tables for those who do not see them', () => {
    const charts = [...document.querySelectorAll('figure > svg')];
    expect(charts).toHaveLength(6);
    for (const chart of charts) {
      expect(chart.getAttribute('role')).toBe('img');
      expect(chart.firstElementChild!.localName).toBe('title');
      expect(chart.parentElement!.querySelector('figcaption')).not.toBeNull();
    }
    for (const table of document.querySelectorAll('table')) {
      expect(table.querySelector('caption')).not.toBeNull();
      for (const cell of table.querySelectorAll('th')) expect(cell.getAttribute('scope')).toMatch(/^(col|row)$/);
    }
    for (const section of document.querySelectorAll('section')) {
      expect(document.getElementById(section.getAttribute('aria-labelledby')!)!.localName).toBe('h2');
    }
    expect(document.documentElement.getAttribute('lang')).toBe('en');
  });

  it('escapes whatever comes from outside', () => {
    const name = `<script>alert("1")</script>'&`;
    const renamed = {
      ...input,
      protocol: name,
      dataset: name,
      modelId: name,
      threshold: { value: 1.4, source: name },
      samples: input.samples.map((sample) => ({
        ...sample,
        id: `${name}${sample.id}`,
        writer: `${name}${sample.writer}`,
      })),
    };
    const hostile = renderReportHtml(evaluateProtocol({ ...renamed, provenance: { ...provenance, command: name } }));
    expect(hostile).not.toMatch(/<script/i);
    expect(hostile).toContain('&lt;script&gt;');
    expect(documentOf(hostile).querySelector('h1')!.textContent).toBe(`${name} on ${name}`);
  });

  it('has a row for each number of references and fusion', () => {
    const rows = [...document.querySelectorAll('table')][1]!.querySelectorAll('tbody tr');
    expect([...rows].map((row) => row.firstElementChild!.textContent)).toEqual(['1', '5, mean', '5, min', '5, energy']);
  });

  it.each([
    ['perfectly separated', madeUp(6, 30)],
    ['inverted', madeUp(6, 0.05)],
    ['one writer', madeUp(1, 0.5)],
    ['collapsed', { ...madeUp(6, 0.5), embeddings: new Float32Array(6 * 20 * 8) }],
  ])('draws what is at the edge: %s', async (_, edge) => {
    const edgePage = renderReportHtml(evaluateProtocol(edge));
    expect(edgePage).not.toMatch(/NaN|undefined|Infinity/);
    for (const svg of documentOf(edgePage).querySelectorAll('figure > svg')) {
      const { data } = await sharp(Buffer.from(svg.outerHTML))
        .flatten({ background: 'white' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(data.some((value) => value < 100)).toBe(true);
    }
  });
});

describe('pictures of the worst errors', () => {
  const images = input.samples.map((_, i) => ({ width: 8, height: 4, data: new Uint8Array(32).fill(i) }));
  const samples = input.samples.map((sample) => ({ ...sample, path: sample.id }));

  it('are the canvases themselves, ink on white, side by side with their distance', async () => {
    const pictures = await drawErrorPictures(report.worst!, samples, images);
    const document = documentOf(renderReportHtml(report, pictures));
    const { falseAccepts, falseRejections } = report.worst!;
    const figures = [...document.querySelectorAll('.errors figure')];
    expect(figures).toHaveLength(falseAccepts.length + falseRejections.length);
    expect(figures[0]!.textContent).toContain(`Distance ${falseAccepts[0]!.distance.toFixed(3)}`);
    const [, questioned] = [...figures[0]!.querySelectorAll('img')];
    expect(questioned!.getAttribute('alt')).toContain(falseAccepts[0]!.questioned);
    const png = Buffer.from(questioned!.getAttribute('src')!.split(',')[1]!, 'base64');
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const index = samples.findIndex(({ id }) => id === falseAccepts[0]!.questioned);
    expect([info.width, info.height, data[0]]).toEqual([8, 4, 255 - index]);
  });

  it('are left out where none are given, and never in the JSON', () => {
    expect(renderReportHtml(report)).not.toContain('data:image');
    expect(JSON.stringify(report)).not.toContain('data:image');
  });
});
