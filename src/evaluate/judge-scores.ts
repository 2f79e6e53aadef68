/** An evaluation of any system, from its scores alone. */
import { basename } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { type Calibration, fitCalibration } from './calibration.js';
import { equalErrorRate } from './error-rates.js';
import { judgePairs, withoutFailures } from './judge-pairs.js';
import type { EvaluationReport } from './report.js';
import { readScores, type Scores } from './scores-file.js';

export interface JudgeScoresOptions {
  /** CSV file of the test comparisons. */
  readonly scores: string;
  /** CSV file of comparisons of OTHER writers: threshold (where their FAR and FRR are equal) and calibration come from it. */
  readonly calibration?: string | undefined;
  /** Fixed beforehand by whoever asks, in place of the calibration file's; on distances, so negative for scores. */
  readonly threshold?: number | undefined;
  /** Of the bootstrap. */
  readonly seed: number;
}

/**
 * @throws CountersignError SCORES_INVALID; INVALID_ARGUMENT without a threshold; PROTOCOL_MISMATCH when a writer of the
 *   calibration is tested
 */
export async function judgeScores({ scores, ...options }: JudgeScoresOptions): Promise<EvaluationReport> {
  const test = await readScores(scores);
  const fixed = await fixBeforehand(test, options);
  const { genuine, forged, random } = test.tables;
  const { pairs, failedPairs, ...judged } = judgePairs({
    genuine,
    skilled: forged,
    random,
    writerCount: test.writers.length,
    ...fixed,
    rng: new Rng(options.seed),
  });
  return {
    schema: 'countersign/evaluation@1',
    protocol: 'scores',
    dataset: basename(scores),
    modelId: 'another system',
    distance: 'given',
    counts: { writers: test.writers.length, genuineSamples: 0, forgedSamples: 0, ...pairs },
    pairsDrawnPerWriter: null,
    failures: { images: 0, share: 0, byCode: {}, ...failedPairs },
    ...judged,
    operatingPoints: null,
    leak: null,
    references: null,
  };
}

async function fixBeforehand(
  test: Scores,
  { calibration: file, threshold }: Pick<JudgeScoresOptions, 'calibration' | 'threshold'>,
): Promise<{ threshold: { value: number; source: string }; calibration: Calibration | null }> {
  if (file === undefined) {
    if (threshold === undefined) {
      const message = 'A threshold has to be fixed before the test: name scores of other writers, or a threshold.';
      throw new CountersignError('INVALID_ARGUMENT', message);
    }
    return { threshold: { value: threshold, source: 'given by the caller' }, calibration: null };
  }
  const { writers, tables } = await readScores(file);
  const tested = new Set(test.writers);
  const both = writers.filter((writer) => tested.has(writer));
  if (both.length > 0) {
    const message = `Expected other writers in ${file} than are tested, but ${both.length} are in both: ${both.slice(0, 5).join(', ')}.`;
    throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { writers: both } });
  }
  const source = `equal error rate on ${writers.length} writers of ${basename(file)}`;
  return {
    threshold:
      threshold === undefined
        ? { value: equalErrorRate(tables.genuine.distance, withoutFailures(tables.forged).distance).threshold, source }
        : { value: threshold, source: 'given by the caller' },
    calibration: fitCalibration(tables.genuine.distance, tables.forged.distance),
  };
}
