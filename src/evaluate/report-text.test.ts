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
    expect(text).toContain('EER, 5 references by mean');
    expect(text).toMatch(/A posteriori.*flatters/);
    expect(text).toContain('fewer than 30');
    expect(text).toContain('Failed images: 1 (IMAGE_BLANK 1)');
    expect(text).toContain('Only 6 writers');
    expect(text).not.toMatch(/NaN|undefined|null/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it('has one column and no intervals for one writer', () => {
    const alone = renderReportText(evaluateProtocol(madeUp(1, 0.5)));
    expect(alone).not.toMatch(/random forgeries|\[/);
    expect(alone).toContain('One writer only');
  });
});
