import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { judgeScores } from './judge-scores.js';
import { renderReportText } from './report-text.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-scores-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** Scores, greater is closer, of some writers. */
function madeUp(writers: readonly number[], prefix = 'w'): string[] {
  const rng = new Rng(prefix);
  const means = { genuine: 70, forged: 45, random: 10 };
  return [
    'writer,kind,score,pair',
    ...writers.flatMap((writer) =>
      Object.entries(means).flatMap(([kind, mean]) =>
        Array.from({ length: 30 }, (_, i) => `${prefix}${writer},${kind},${rng.normal(mean, 12).toFixed(4)},"${i}, a"`),
      ),
    ),
  ];
}

const test = write('test.csv', madeUp([1, 2, 3, 4, 5, 6]));
const calibration = write('calibration.csv', madeUp([11, 12, 13, 14, 15]));

describe('scores of another system', () => {
  it('are judged like our own, with threshold and similarity from other writers', async () => {
    const report = await judgeScores({ scores: test, calibration, seed: 1 });
    const pairs = { genuinePairs: 180, skilledPairs: 180, randomPairs: 180 };
    expect(report.counts).toEqual({ writers: 6, genuineSamples: null, forgedSamples: null, ...pairs });
    expect(report.threshold.score).toBeGreaterThan(50);
    expect(report.threshold.value).toBe(-report.threshold.score!);
    expect(report.threshold.source).toContain('5 writers of calibration.csv');
    // Two normal distributions 25 apart of deviation 12: EER = Phi(-25 / 24) = 14.9 %.
    expect(report.skilled.eer.value).toBeGreaterThan(0.1);
    expect(report.skilled.eer.value).toBeLessThan(0.2);
    expect(report.random!.eer.value).toBeLessThan(0.02);
    expect(report.calibration!.cllr - report.calibration!.minCllr).toBeLessThan(0.1);
    const text = renderReportText(report);
    expect(text).toMatch(/model another system\n6 writers, scores as given, accepted when score >= 5\d\.\d{4}\n/);
    expect(text).not.toMatch(/NaN|undefined|null/);
  });

  it('as distances, with a threshold of the caller: FAR and FRR counted by hand', async () => {
    const scores = write('distances.csv', [
      'kind,writer,distance',
      'genuine,a,0.1',
      'genuine,a,0.5',
      'GENUINE,b,0.2',
      'genuine,b,', // refused by the system: a false rejection
      'forged,a,0.3',
      'forged,b,0.9',
      'forged,b,', // left out
    ]);
    const report = await judgeScores({ scores, threshold: 0.35, system: 'Vendor 3.1', seed: 1 });
    expect(report.skilled.far).toMatchObject({ errors: 1, pairs: 2, value: 0.5 });
    expect(report.skilled.frr).toMatchObject({ errors: 2, pairs: 4, value: 0.5 });
    expect(report.failures).toMatchObject({ genuinePairsRejected: 1, skilledPairsLeftOut: 1 });
    expect(report.calibration).toBeNull();
    expect(report.random).toBeNull();
    expect(report).toMatchObject({ modelId: 'Vendor 3.1', threshold: { value: 0.35, source: 'given by the caller' } });
    expect(renderReportText(report)).toContain('2 writers, distances as given, accepted when distance <= 0.3500');
  });

  it('accepts a score that is the threshold, draws scores of any sign, and fits as it judges', async () => {
    const rows = ['genuine,0.7', 'genuine,0.7', 'genuine,-3', 'forged,0.2', 'forged,-5'];
    const lines = (prefix: string, more: readonly string[] = []) => [
      'writer,kind,score',
      ...[...rows, ...more].map((row) => `${prefix},${row}`),
    ];
    const scores = write('edge.csv', lines('a'));
    const report = await judgeScores({ scores, threshold: 0.7, seed: 1 });
    expect(report.skilled.frr).toMatchObject({ errors: 1, pairs: 3 });
    expect(report.histogram.from).toBe(-0.7);
    for (const shares of [report.histogram.genuine, report.histogram.skilled]) {
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    }
    const plain = write('plain.csv', lines('b'));
    const refusing = write('refusing.csv', lines('b', ['forged,', 'forged,', 'forged,']));
    const [one, other] = await Promise.all(
      [plain, refusing].map((calibration) => judgeScores({ scores, calibration, seed: 1 })),
    );
    expect(other!.threshold.value).toBe(one!.threshold.value); // refusing forgeries loosens nothing
    const refused = await judgeScores({ scores: refusing, threshold: 0, seed: 1 });
    expect(renderReportText(refused)).toContain('3 skilled and 0 random pairs that were refused are left out');
  });

  it('refuses to choose a threshold on the test, and to calibrate on tested writers', async () => {
    await expect(judgeScores({ scores: test, seed: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const same = judgeScores({ scores: test, calibration: test, seed: 1 });
    await expect(same).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH' });
    const distances = write('other-measure.csv', ['writer,kind,distance', 'z,genuine,1', 'z,forged,2']);
    const mixed = judgeScores({ scores: test, calibration: distances, seed: 1 });
    await expect(mixed).rejects.toMatchObject({ code: 'SCORES_INVALID', message: expect.stringContaining('"score"') });
  });

  it.each([
    ['no header', ['1,genuine,3'], /column "writer"/],
    ['both measures', ['writer,kind,score,distance', 'a,genuine,1,1'], /one of the columns/],
    ['an unknown kind', ['writer,kind,score', 'a,genuine,1', 'a,skilled,1'], /line 3: kind is "skilled"/],
    ['no number', ['writer,kind,score', 'a,genuine,high'], /line 2: score is "high"/],
    ['a missing field', ['writer,kind,score', 'a,genuine'], /line 2: there are 2 fields/],
    ['no forgery', ['writer,kind,score', 'a,genuine,1'], /no forged comparison/],
    ['semicolons', ['writer;kind;score', 'a;genuine;0,5'], /line 1: the columns are not separated by commas/],
    ['an open quote', ['writer,kind,score', '"a,genuine,1'], /never closed/],
  ])('refuses %s, naming the line', async (name, lines, message) => {
    const scores = write(`${name}.csv`, lines);
    const judged = judgeScores({ scores, threshold: 0, seed: 1 });
    await expect(judged).rejects.toMatchObject({ code: 'SCORES_INVALID', message: expect.stringMatching(message) });
  });
});
