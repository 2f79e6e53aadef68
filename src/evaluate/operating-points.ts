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
import { acceptedAt, forReferences, writersWith } from './evidence.js';

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

/** Evidence and the number of references that it holds for. */
export type Fit = Pick<ReferenceCalibration, 'count' | 'evidence'>;

/** A threshold below every distance. */
const ACCEPTS_NOTHING = -1;

/** Below it percentile intervals are too narrow to be believed. */
const MIN_WRITERS = 20;

/**
 * The greatest ratio of the interval's upper end to the target: 2 to the power of 1 / sqrt(2), 1.63. The interval says how
 * one group of writers varies; the rate of the next group as large is off by sqrt(2) times as much (both err alike, in
 * logarithms), and shall stay below twice the target.
 */
const MOST_ABOVE_TARGET = 2 ** Math.SQRT1_2;

/**
 * The evidence for a number of references, or for the next smaller number: from more references a fused distance spreads
 * less around the same place, so between the classes both error rates are then lower than said.
 *
 * @throws TARGET_UNSUPPORTED in a model without calibration
 */
export function evidenceFor({ id, calibration }: ModelMetadata, references: number): ReferenceCalibration {
  if (calibration !== undefined) {
    return forReferences(calibration.references, references, ({ count }) => count);
  }
  throw new CountersignError(
    'TARGET_UNSUPPORTED',
    `${id} carries no calibration that error rates could be promised from.`,
  );
}

/** The greatest threshold on the grid whose FAR on the calibration writers does not exceed the target. */
export function thresholdForFar(fit: Fit, forgeries: ForgeryKind, target: number): ThresholdForRate {
  const { distances, writers } = fit.evidence;
  const accepted = acceptedBy(writers, forgeries);
  if (accepted.at(-1) === 0) {
    const message = `The calibration holds no ${KINDS[forgeries].slice(0, -3)}y with ${inReferences(fit.count)}.`;
    throw new CountersignError('TARGET_UNSUPPORTED', message);
  }
  const above = accepted.findIndex((count) => count > target * accepted.at(-1)!);
  const threshold = distances[above - 1] ?? ACCEPTS_NOTHING;
  const { far } = ratesAt(fit.evidence, forgeries, threshold, threshold);
  return { threshold, target, expected: far, unsupported: whyNot('FAR', target, far, fit, forgeries) };
}

/** The least threshold on the grid whose FRR on the calibration writers does not exceed the target. */
export function thresholdForFrr(fit: Fit, target: number): ThresholdForRate {
  const { distances, writers } = fit.evidence;
  const accepted = acceptedBy(writers, 'genuine');
  const pairs = accepted.at(-1)!;
  const threshold = distances[accepted.findIndex((count) => pairs - count <= target * pairs)]!;
  const { frr } = ratesAt(fit.evidence, 'skilled', threshold, threshold);
  return { threshold, target, expected: frr, unsupported: whyNot('FRR', target, frr, fit, 'genuine') };
}

/** Where FAR on skilled forgeries and FRR are equal, the grid's points joined by straight lines. */
export function equalErrorThreshold({ evidence: { distances, writers } }: Fit): number {
  const [genuine, skilled] = [acceptedBy(writers, 'genuine'), acceptedBy(writers, 'skilled')];
  const excess = distances.map((_, i) => skilled[i]! / skilled.at(-1)! + genuine[i]! / genuine.at(-1)! - 1); // FAR - FRR
  const above = excess.findIndex((value) => value >= 0);
  if (above === 0) return distances[0]!;
  const share = -excess[above - 1]! / (excess[above]! - excess[above - 1]!);
  return distances[above - 1]! + share * (distances[above]! - distances[above - 1]!);
}

/**
 * Where one threshold meets both targets there is nothing to review, and the middle of the thresholds that do is taken:
 * both rates then lie as far from their targets as they can.
 *
 * @throws TARGET_UNSUPPORTED with the reason; INVALID_ARGUMENT for a target out of range, or none
 */
export function operatingPoint(fit: Fit, { far, frr, forgeries }: Target): OperatingPoint {
  const accept = far === undefined ? undefined : supported(thresholdForFar(fit, forgeries, requireRate('FAR', far)));
  const reject = frr === undefined ? undefined : supported(thresholdForFrr(fit, requireRate('FRR', frr)));
  const [acceptUpTo, rejectAbove] = [accept ?? reject, reject ?? accept];
  if (acceptUpTo === undefined || rejectAbove === undefined) {
    throw new CountersignError('INVALID_ARGUMENT', 'Expected a FAR or an FRR to aim at; none came.');
  }
  if (acceptUpTo < rejectAbove) return ratesAt(fit.evidence, forgeries, acceptUpTo, rejectAbove);
  const middle = (acceptUpTo + rejectAbove) / 2;
  return ratesAt(fit.evidence, forgeries, middle, middle);
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
  return { acceptUpTo, rejectAbove, far, forgedReview, frr, genuineReview, writers: writersWith(evidence, forgeries) };
}

/** Pairs of all writers within each distance of the grid. */
function acceptedBy(writers: Evidence['writers'], kind: 'genuine' | ForgeryKind): number[] {
  return writers[0]!.genuine.map((_, i) => writers.reduce((sum, writer) => sum + writer[kind][i]!, 0));
}

function whyNot(
  name: 'FAR' | 'FRR',
  target: number,
  { interval }: ExpectedRate,
  { count, evidence }: Fit,
  kind: 'genuine' | ForgeryKind,
): string | null {
  const writers = writersWith(evidence, kind);
  const questioned = evidence.questioned[kind];
  const goal = `${name} ${formatRate(target)} with ${inReferences(count)}`;
  if (writers < MIN_WRITERS) {
    return `${goal} cannot be promised from ${writers} calibration writers; at least ${MIN_WRITERS} are needed`;
  }
  const errors = Math.floor(target * questioned);
  if (errors < RULE_OF_30) {
    return `${goal} is ${errors} of ${questioned} ${KINDS[kind]} of the calibration; at least ${RULE_OF_30} are needed`;
  }
  if (interval.high > MOST_ABOVE_TARGET * target) {
    const more = Math.ceil(writers * (Math.log(interval.high / target) / Math.log(MOST_ABOVE_TARGET)) ** 2);
    return `${goal} has the 95 % interval ${formatRate(interval.low)} to ${formatRate(interval.high)}, so different are the ${writers} calibration writers, and may be more than twice that with others; about ${more} writers would be needed`;
  }
  return null;
}

const KINDS = {
  genuine: 'genuine signatures',
  skilled: 'skilled forgeries',
  random: 'random forgeries',
} as const;

function supported({ threshold, unsupported }: ThresholdForRate): number {
  if (unsupported === null) return threshold;
  throw new CountersignError('TARGET_UNSUPPORTED', `${unsupported}.`);
}

function requireRate(name: string, rate: number): number {
  if (rate > 0 && rate < 1) return rate;
  throw new CountersignError('INVALID_ARGUMENT', `Expected a ${name} above 0 and below 1; ${rate} came.`);
}

/** `one reference`, `3 references`. */
export function inReferences(count: number): string {
  return count === 1 ? 'one reference' : `${count} references`;
}

/** `1 %`, `2.5 %`, `0.13 %`. */
export function formatRate(rate: number): string {
  return `${Number((100 * rate).toFixed(2))} %`;
}
