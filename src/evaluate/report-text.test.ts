import { describe, expect, it } from 'vitest';
import { failures, madeUp } from './made-up.fixture.js';
import { evaluateProtocol } from './protocol.js';
import { renderReportText } from './report-text.js';

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
