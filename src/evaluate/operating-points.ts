/**
 * Thresholds by the error rate they are to have, from the evidence in a model file.
 *
 * The threshold is the plain quantile of all calibration pairs. Smoother estimators (normal tails, pooled or with a mean
 * of each writer's own; a kernel; a line through the log-odds) were no steadier on writers they were not fitted on: what
 * moves the realised rate is which writers came, not how their distances are joined. So a target is refused where
 * the writers are too few or too different to promise it (docs/evaluation.md#operating-points).
 */
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import type { Evidence, ForgeryKind, ReferenceCalibration } from '../nn/calibration-metadata.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { drawWriters, type Interval, percentileInterval, RESAMPLES, weighted } from './bootstrap.js';
import { RULE_OF_30 } from './error-rates.js';
import { acceptedAt } from './evidence.js';

/** Error rates that may not be exceeded, 0 .. 1; at least one of them. */
export interface Target {
  /** Share of forgeries accepted. */
  readonly far?: number;
  /** Share of genuine signatures rejected. */
  readonly frr?: number;
  /** Of which forgeries `far` speaks. */
  readonly forgeries: ForgeryKind;
}

/** A rate on the calibration writers, 0 .. 1, with its 95 % interval over writers. */
export interface ExpectedRate {
  readonly value: number;
  readonly interval: Interval;
}

/** Accept when distance <= acceptUpTo, reject when distance > rejectAbove, review between. */
export interface OperatingPoint {
  readonly acceptUpTo: number;
  readonly rejectAbove: number;
  /** Of forgeries: accepted, and left to review. */
  readonly far: ExpectedRate;
  readonly forgedReview: ExpectedRate;
  /** Of genuine signatures: rejected, and left to review. */
  readonly frr: ExpectedRate;
  readonly genuineReview: ExpectedRate;
  readonly writers: number;
}

/** One threshold for one target. */
export interface ThresholdForRate {
  readonly threshold: number;
  readonly target: number;
  readonly expected: ExpectedRate;
  /** Why the calibration cannot promise the target; null where it can. */
  readonly unsupported: string | null;
}

/** Below it percentile intervals are too narrow to be believed. */
const MIN_WRITERS = 20;

/**
 * The greatest ratio of the interval's upper end to the target: 2 to the power of 1 / sqrt(2), 1.63. The interval says how
 * one group of writers varies; the rate of the next group as large is off by sqrt(2) times as much (both err alike, in
 * logarithms), and shall stay below twice the target.
 */
const MOST_ABOVE_TARGET = 2 ** Math.SQRT1_2;

/**
 * The evidence for a number of references, or for the next smaller number: the mean of more distances spreads less, so
 * between the classes both error rates are then lower than said.
 *
 * @throws TARGET_UNSUPPORTED in a model without calibration
 */
export function evidenceFor({ id, calibration }: ModelMetadata, references: number): ReferenceCalibration {
  if (calibration !== undefined) {
    return calibration.references.findLast(({ count }) => count <= references) ?? calibration.references[0]!;
  }
  throw new CountersignError(
    'TARGET_UNSUPPORTED',
    `${id} carries no calibration that error rates could be promised from.`,
  );
}

/** The greatest threshold whose FAR on the calibration writers does not exceed the target. */
export function thresholdForFar(evidence: Evidence, forgeries: ForgeryKind, target: number): ThresholdForRate {
  const pairs = countPairs(evidence, forgeries);
  const threshold = quantile(evidence, forgeries, target * pairs);
  const { far } = ratesAt(evidence, forgeries, threshold, threshold);
  return { threshold, target, expected: far, unsupported: whyNot('FAR', target, pairs, far, evidence, forgeries) };
}

/** The least threshold whose FRR on the calibration writers does not exceed the target. */
export function thresholdForFrr(evidence: Evidence, target: number): ThresholdForRate {
  const pairs = countPairs(evidence, 'genuine');
  const threshold = quantile(evidence, 'genuine', (1 - target) * pairs);
  const { frr } = ratesAt(evidence, 'skilled', threshold, threshold);
  return { threshold, target, expected: frr, unsupported: whyNot('FRR', target, pairs, frr, evidence, 'genuine') };
}

/**
 * Where one threshold meets both targets there is nothing to review, and the middle of the thresholds that do is taken:
 * both rates then lie as far from their targets as they can.
 *
 * @throws TARGET_UNSUPPORTED with the reason; INVALID_ARGUMENT for a target out of range, or none
 */
export function operatingPoint(evidence: Evidence, { far, frr, forgeries }: Target): OperatingPoint {
  const accept =
    far === undefined ? undefined : supported(thresholdForFar(evidence, forgeries, requireRate('FAR', far)));
  const reject = frr === undefined ? undefined : supported(thresholdForFrr(evidence, requireRate('FRR', frr)));
  const [acceptUpTo, rejectAbove] = [accept ?? reject, reject ?? accept];
  if (acceptUpTo === undefined || rejectAbove === undefined) {
    throw new CountersignError('INVALID_ARGUMENT', 'Expected a FAR or an FRR to aim at; none came.');
  }
  if (acceptUpTo < rejectAbove) return ratesAt(evidence, forgeries, acceptUpTo, rejectAbove);
  const middle = (acceptUpTo + rejectAbove) / 2;
  return ratesAt(evidence, forgeries, middle, middle);
}

/** What to expect of two thresholds; the intervals hold for thresholds that were fixed without these writers. */
function ratesAt(evidence: Evidence, forgeries: ForgeryKind, acceptUpTo: number, rejectAbove: number): OperatingPoint {
  const column = (kind: 'genuine' | ForgeryKind, threshold: number) =>
    Float64Array.from(evidence.writers, (writer) => acceptedAt(writer[kind], threshold, evidence));
  const genuine = column('genuine', Infinity);
  const forged = column(forgeries, Infinity);
  const genuineKept = column('genuine', rejectAbove);
  const genuineAccepted = column('genuine', acceptUpTo);
  const forgedKept = column(forgeries, rejectAbove);
  const forgedAccepted = column(forgeries, acceptUpTo);
  const rates = (weights: Float64Array): [number, number, number, number] => {
    const [g, f] = [weighted(weights, genuine), weighted(weights, forged)];
    const [keptG, keptF] = [weighted(weights, genuineKept), weighted(weights, forgedKept)];
    const [acceptedG, acceptedF] = [weighted(weights, genuineAccepted), weighted(weights, forgedAccepted)];
    return [acceptedF / f, (keptF - acceptedF) / f, (g - keptG) / g, (keptG - acceptedG) / g];
  };
  const writers = evidence.writers.length;
  const values = rates(new Float64Array(writers).fill(1));
  const rng = new Rng('operating points'); // a model file gives the same interval every time
  const resampled = values.map(() => new Float64Array(RESAMPLES));
  for (let r = 0; r < RESAMPLES; r++) {
    rates(drawWriters(rng, writers, genuine, forged)).forEach((rate, i) => {
      resampled[i]![r] = rate;
    });
  }
  const [far, forgedReview, frr, genuineReview] = values.map(
    (value, i): ExpectedRate => ({ value, interval: percentileInterval(resampled[i]!) }),
  ) as [ExpectedRate, ExpectedRate, ExpectedRate, ExpectedRate];
  return { acceptUpTo, rejectAbove, far, forgedReview, frr, genuineReview, writers };
}

/** The distance that `count` pairs of all writers lie within. */
function quantile({ from, step, writers }: Evidence, kind: 'genuine' | ForgeryKind, count: number): number {
  const accepted = (i: number) => writers.reduce((sum, writer) => sum + writer[kind][i]!, 0);
  const last = writers[0]!.genuine.length - 1;
  let above = 0;
  while (above < last && accepted(above) <= count) above++;
  if (above === 0) return from - step; // even the least distance is too many
  const [low, high] = [accepted(above - 1), accepted(above)];
  const share = high > low ? Math.min(1, (count - low) / (high - low)) : 1;
  return from + (above - 1 + share) * step;
}

function countPairs({ writers }: Evidence, kind: 'genuine' | ForgeryKind): number {
  return writers.reduce((sum, writer) => sum + writer[kind].at(-1)!, 0);
}

function whyNot(
  name: 'FAR' | 'FRR',
  target: number,
  pairs: number,
  { interval }: ExpectedRate,
  { writers: { length: writers } }: Evidence,
  kind: 'genuine' | ForgeryKind,
): string | null {
  const goal = `${name} ${formatRate(target)}`;
  if (writers < MIN_WRITERS) {
    return `${goal} cannot be promised from ${writers} calibration writers; at least ${MIN_WRITERS} are needed`;
  }
  const errors = Math.floor(target * pairs);
  if (errors < RULE_OF_30) {
    return `${goal} is ${errors} errors in ${pairs} ${kind} pairs of the calibration; at least ${RULE_OF_30} are needed`;
  }
  if (interval.high > MOST_ABOVE_TARGET * target) {
    const more = Math.ceil(writers * (Math.log(interval.high / target) / Math.log(MOST_ABOVE_TARGET)) ** 2);
    return `${goal} has the 95 % interval ${formatRate(interval.low)} to ${formatRate(interval.high)}, so different are the ${writers} calibration writers, and may be more than twice that with others; about ${more} writers would be needed`;
  }
  return null;
}

function supported({ threshold, unsupported }: ThresholdForRate): number {
  if (unsupported === null) return threshold;
  throw new CountersignError('TARGET_UNSUPPORTED', `${unsupported}.`);
}

function requireRate(name: string, rate: number): number {
  if (rate > 0 && rate < 1) return rate;
  throw new CountersignError('INVALID_ARGUMENT', `Expected a ${name} above 0 and below 1; ${rate} came.`);
}

/** `1 %`, `2.5 %`, `0.13 %`. */
export function formatRate(rate: number): string {
  return `${Number((100 * rate).toFixed(2))} %`;
}
