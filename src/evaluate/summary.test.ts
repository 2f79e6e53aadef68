import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { summariseReports } from './summary.js';
import { renderSummaryText } from './summary-text.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-summary-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const errors = (eer: number) => ({ eer: { value: eer }, far: { value: eer / 2 }, frr: { value: 2 * eer } });
const report = (seed: number, eer: number, random: number | null = eer / 10) => ({
  schema: 'countersign/evaluation@1',
  protocol: `cedar/random@${seed}`,
  dataset: 'cedar',
  modelId: `model-${seed}`,
  skilled: errors(eer),
  random: random === null ? null : errors(random),
});

describe('summariseReports', () => {
  it('means and spreads by hand: 0.1, 0.2, 0.3 have mean 0.2 and deviation 0.1', async () => {
    const files = [0.1, 0.2, 0.3].map((eer, i) => file(`${i}.json`, report(i, eer)));
    const { reports, spread } = await summariseReports(files);
    expect(reports.map(({ protocol, eerSkilled }) => [protocol, eerSkilled])).toEqual([
      ['cedar/random@0', 0.1],
      ['cedar/random@1', 0.2],
      ['cedar/random@2', 0.3],
    ]);
    const scaled = { eerSkilled: 1, farSkilled: 0.5, frr: 2, eerRandom: 0.1, farRandom: 0.05 };
    for (const [name, factor] of Object.entries(scaled)) {
      const { mean, deviation, least, greatest } = spread[name as keyof typeof scaled]!;
      expect(mean).toBeCloseTo(0.2 * factor, 12);
      expect(deviation).toBeCloseTo(0.1 * factor, 12);
      expect(least).toBeCloseTo(0.1 * factor, 12);
      expect(greatest).toBeCloseTo(0.3 * factor, 12);
    }
  });

  it('has no spread for one report, and none of a rate that a report lacks', async () => {
    const one = await summariseReports([file('one.json', report(1, 0.1))]);
    expect(one.spread.eerSkilled).toEqual({ mean: 0.1, deviation: null, least: 0.1, greatest: 0.1 });
    const two = await summariseReports([file('a.json', report(1, 0.1)), file('b.json', report(2, 0.3, null))]);
    expect(two.spread.eerRandom).toBeNull();
    const text = renderSummaryText(two);
    expect(text).toMatch(/^mean of 2 .* 20\.00 % .* -$/m);
    expect(text).toMatch(/^cedar\/random@2 {3}data cedar {3}model model-2 +30\.00 %/m);
    expect(text).not.toMatch(/NaN|null|undefined/);
  });

  it('refuses one evaluation given twice, and what is no report', async () => {
    const [first, again] = [file('first.json', report(1, 0.1)), file('again.json', report(1, 0.1))];
    await expect(summariseReports([first, again])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    for (const wrong of [file('wrong.json', '{'), file('other.json', { schema: 'x' }), join(folder, 'none.json')]) {
      await expect(summariseReports([first, wrong])).rejects.toMatchObject({
        code: 'REPORT_INVALID',
        message: expect.stringContaining(wrong),
      });
    }
  });
});
