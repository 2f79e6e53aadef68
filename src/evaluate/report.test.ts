import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { evaluateProtocol, type ProtocolInput } from './protocol.js';
import { renderReportSvg } from './report-svg.js';
import { renderReportText } from './report-text.js';

/** Random embeddings around one centre per writer; forgeries spread by `spread`. */
function madeUp(writers: number, spread: number): ProtocolInput {
  const rng = new Rng('report');
  const samples = Array.from({ length: writers * 20 }, (_, i) => {
    const kind = i % 20 < 10 ? ('genuine' as const) : ('forged' as const);
    const writer = `w${Math.floor(i / 20)}`;
    return { id: `${writer}/${i}`, writer, identity: writer, kind };
  });
  const centres = samples.map(() => Array.from({ length: 8 }, () => rng.normal()));
  const embeddings = Float32Array.from(
    samples.flatMap(({ kind }, i) =>
      centres[Math.floor(i / 20)]!.map((c) => c + rng.normal(0, kind === 'genuine' ? 0.3 : spread)),
    ),
  );
  return {
    protocol: 'made-up/<all>',
    dataset: 'made-up & more',
    modelId: 'model-1',
    input: 'as-prepared',
    learntFrom: ['made-up & more', 'synthetic'],
    samples,
    embeddings,
    dimension: 8,
    threshold: { value: 1.4, source: 'EER of 4 validation writers' },
    calibration: { slope: 6, intercept: -6 },
    rng: new Rng(1),
    references: { counts: [1, 5], draws: 3 },
    resamples: 100,
  };
}

const failures = [{ sample: { id: 'x', writer: 'w0', identity: 'w0', kind: 'genuine' as const }, code: 'IMAGE_BLANK' }];

describe('renderReportText', () => {
  const report = evaluateProtocol({ ...madeUp(6, 0.5), failures });
  const text = renderReportText(report);

  it('says the figures, where the threshold comes from, and what is a posteriori', () => {
    expect(text).toContain('accepted when distance <= 1.4000');
    expect(text).toContain('Threshold fixed beforehand: EER of 4 validation writers');
    expect(text).toContain(`${(100 * report.skilled.eer.value).toFixed(2)} % [`);
    expect(text).toContain('EER with references drawn 3 times, by mean / min / energy');
    expect(text).toMatch(/^ {2}5 references +\d+\.\d\d \/ \d+\.\d\d \/ \d+\.\d\d % +\d/m);
    expect(text).toMatch(/A posteriori.*flatters/);
    expect(text).toContain('fewer than 30');
    expect(text).toContain('Failed images: 1 (IMAGE_BLANK 1)');
    expect(text).toContain('Only 6 writers');
    expect(text).not.toMatch(/NaN|undefined|null/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it('says when the set is another than the model learnt from, and when only the shape was seen', () => {
    expect(text).not.toMatch(/carried over|Shape only/);
    const other = evaluateProtocol({ ...madeUp(6, 0.5), learntFrom: ['cedar', 'synthetic'], input: 'shape-only' });
    expect(other.crossSet).toBe(true);
    expect(renderReportText(other)).toContain(
      'Another set than the model learnt from (cedar, synthetic): the threshold is carried over',
    );
    expect(renderReportText(other)).toMatch(/^Shape only: /m);
  });

  it('has one column and no intervals for one writer', () => {
    const alone = renderReportText(evaluateProtocol(madeUp(1, 0.5)));
    expect(alone).not.toMatch(/random forgeries|\[/);
    expect(alone).toContain('One writer only');
  });
});

describe('renderReportSvg', () => {
  it.each([
    ['ordinary', madeUp(6, 0.5)],
    ['perfectly separated', madeUp(6, 30)],
    ['inverted', madeUp(6, 0.05)],
    ['one writer', madeUp(1, 0.5)],
    ['failed images', { ...madeUp(6, 0.5), failures }],
    ['collapsed', { ...madeUp(6, 0.5), embeddings: new Float32Array(6 * 20 * 8) }],
  ])('draws a valid picture: %s', async (_, input) => {
    const svg = renderReportSvg(evaluateProtocol(input));
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const { info, data } = await sharp(Buffer.from(svg)).flatten().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([1000, 540]);
    expect(data.some((value) => value < 100)).toBe(true);
  });

  it('says data set, EER with interval, threshold and its source, escaped', () => {
    const report = evaluateProtocol(madeUp(6, 0.5));
    const svg = renderReportSvg(report);
    expect(svg).toContain('made-up &#38; more');
    expect(svg).toContain('made-up/&#60;all&#62;');
    expect(svg).toContain(`EER ${(100 * report.skilled.eer.value).toFixed(2)} % [`);
    expect(svg).toContain('Threshold 1.4000 fixed beforehand: EER of 4 validation writers');
  });
});
