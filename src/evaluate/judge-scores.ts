/** An evaluation of any system, from its scores alone. */
import { basename } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { hashFile } from '../data/content-hash.js';
import { fitCalibration } from './calibration.js';
import { equalErrorRate } from './error-rates.js';
import type { FixedBeforehand } from './fix-threshold.js';
import { judgePairs, withoutFailures } from './judge-pairs.js';
import { type Occasion, provenanceOf } from './provenance.js';
import type { EvaluationReport } from './report.js';
import { readScores, type Scores } from './scores-file.js';

export interface JudgeScoresOptions {
  /** CSV file of the test comparisons. */
  readonly scores: string;
  /** CSV file of comparisons of OTHER writers: threshold (where their FAR and FRR are equal) and calibration come from it. */
  readonly calibration?: string | undefined;
  /**
   * Fixed beforehand by whoever asks, in place of the calibration file's: the greatest distance or, where the file has
   * scores, the least score that is accepted.
   */
  readonly threshold?: number | undefined;
  /** What the report calls the system; default `another system`. */
  readonly system?: string | undefined;
  /** Of the bootstrap. */
  readonly seed: number;
  readonly occasion?: Occasion | undefined;
}

/**
 * @throws CountersignError SCORES_INVALID; INVALID_ARGUMENT without a threshold; PROTOCOL_MISMATCH when a writer of the
 *   calibration is tested
 */
export async function judgeScores({
  scores,
  system = 'another system',
  ...options
}: JudgeScoresOptions): Promise<EvaluationReport> {
  const test = await readScores(scores);
  const fixed = await fixBeforehand(test, options);
  const { genuine, forged, random } = test.tables;
  const { pairs, failedPairs, ...judged } = judgePairs({
    genuine,
    skilled: forged,
    random,
    writers: test.writers,
    ...fixed,
    rng: new Rng(options.seed),
  });
  return {
    schema: 'countersign/evaluation@1',
    protocol: 'scores',
    dataset: basename(scores),
    input: null,
    learntFrom: null,
    crossSet: null,
    modelId: system,
    distance: 'given',
    counts: { writers: test.writers.length, genuineSamples: null, forgedSamples: null, ...pairs },
    pairsDrawnPerWriter: null,
    failures: { images: 0, share: 0, byCode: {}, ...failedPairs },
    ...judged,
    threshold: {
      ...judged.threshold,
      ...(test.measure === 'score' && { score: distanceOf(test, judged.threshold.value) }),
    },
    worst: null,
    operatingPoints: null,
    leak: null,
    references: [],
    provenance: provenanceOf({ seed: options.seed, dataHash: await hashFile(scores) }, null, options.occasion),
  };
}

async function fixBeforehand(
  test: Scores,
  { calibration: file, threshold }: Pick<JudgeScoresOptions, 'calibration' | 'threshold'>,
): Promise<FixedBeforehand> {
  const given = threshold === undefined ? null : { value: distanceOf(test, threshold), source: 'given by the caller' };
  if (file === undefined) {
    if (given !== null) return { threshold: given, calibration: null };
    const message = 'A threshold has to be fixed before the test: name scores of other writers, or a threshold.';
    throw new CountersignError('INVALID_ARGUMENT', message);
  }
  const { measure, writers, tables } = await readScores(file);
  if (measure !== test.measure) {
    const message = `Expected the column "${test.measure}" in ${file} as in the test, but "${measure}" came.`;
    throw new CountersignError('SCORES_INVALID', message, { details: { file } });
  }
  const tested = new Set(test.writers);
  const both = writers.filter((writer) => tested.has(writer));
  if (both.length > 0) {
    const message = `Expected other writers in ${file} than are tested, but ${both.length} are in both: ${both.slice(0, 5).join(', ')}.`;
    throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { writers: both } });
  }
  const fitted = {
    value: equalErrorRate(tables.genuine.distance, withoutFailures(tables.forged).distance).threshold,
    source: `equal error rate on ${writers.length} writers of ${basename(file)}`,
  };
  return { threshold: given ?? fitted, calibration: fitCalibration(tables.genuine.distance, tables.forged.distance) };
}

/** A distance from the file's own measure, and back. */
function distanceOf({ measure }: Scores, value: number): number {
  return measure === 'score' ? 0 - value : value;
}
