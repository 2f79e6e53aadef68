import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failures, madeUp } from './made-up.fixture.js';
import { evaluateProtocol } from './protocol.js';
import { readReport } from './report-schema.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('a report from a file', () => {
  const report = evaluateProtocol({ ...madeUp(6, 0.5), failures });

  it.each([
    ['ordinary', report],
    ['of one writer', evaluateProtocol(madeUp(1, 0.5))],
  ])('is what was written: %s', async (name, written) => {
    expect(await readReport(write(`${name}.json`, written))).toEqual(written);
  });

  it.each([
    ['is none', 'no JSON {', 'it is none, or it is cut off'],
    [
      'is another document',
      { schema: 'countersign/run@1' },
      'schema: Invalid input: expected "countersign/evaluation@1"',
    ],
    [
      'has a rate above 1',
      { ...report, skilled: { ...report.skilled, auc: { value: 2, interval: null } } },
      'skilled.auc.value',
    ],
    ['lacks a part', { ...report, histogram: undefined }, 'histogram'],
    [
      'has half a curve',
      { ...report, skilled: { ...report.skilled, det: { far: [0, 1], frr: [1] } } },
      'as many FAR as FRR',
    ],
  ])('is refused when it %s', async (name, content, reason) => {
    const file = write(`${name}.json`, content);
    const refused = readReport(file);
    await expect(refused).rejects.toMatchObject({ code: 'REPORT_INVALID' });
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toThrow(file);
  });

  it('is refused when it is not there', async () => {
    await expect(readReport(join(folder, 'none.json'))).rejects.toThrow(/expected to read a report, but ENOENT came/);
  });
});
