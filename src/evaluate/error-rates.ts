/**
 * Error rates of a verifier from two lists of distances. Smaller is closer; a pair is accepted when
 * distance <= threshold. FAR = share of forged pairs accepted, FRR = share of genuine pairs rejected.
 *
 * A distance of +Infinity is a comparison that could not be made and is never accepted; NaN is refused.
 *
 * @see ISO/IEC 19795-1:2021 for the terms; Martin et al. 1997 for the DET curve
 */
import { CountersignError } from '../core/errors.js';

/** [M] distances, in any order. */
export type Distances = Float32Array | Float64Array;

/**
 * The two step functions FAR(t) and FRR(t), one point per distinct distance, thresholds ascending. Point 0 is
 * threshold -Infinity (nothing accepted: FAR 0, FRR 1); the last point accepts everything (FAR 1, FRR 0).
 * Point i holds for thresholds in [thresholds[i], thresholds[i + 1]).
 */
export interface ErrorCurve {
  readonly thresholds: Float64Array; // [K]
  readonly far: Float64Array; // [K], 0 .. 1, never falls
  readonly frr: Float64Array; // [K], 0 .. 1, never rises
}

/** Share of forged pairs accepted at `threshold`, 0 .. 1. */
export function farAt(forged: Distances, threshold: number): number {
  requirePairs(forged, 'forged');
  return countAccepted(forged, threshold) / forged.length;
}

/** Share of genuine pairs rejected at `threshold`, 0 .. 1. */
export function frrAt(genuine: Distances, threshold: number): number {
  requirePairs(genuine, 'genuine');
  return (genuine.length - countAccepted(genuine, threshold)) / genuine.length;
}

/** The decision, written once: +Infinity (no comparison was possible) is never accepted. */
export function accepts(distance: number, threshold: number): boolean {
  return distance <= threshold && distance !== Infinity;
}

/** Number of pairs accepted at `threshold`. */
export function countAccepted(distances: Distances, threshold: number): number {
  let accepted = 0;
  for (const distance of distances) if (accepts(distance, threshold)) accepted++;
  return accepted;
}

/**
 * FAR and FRR at every threshold where one of them changes: the points of the ROC (far, 1 - frr) and of the DET
 * (far, frr) curve. O(n log n).
 *
 * @throws INVALID_ARGUMENT for an empty list or NaN
 */
export function errorCurve(genuine: Distances, forged: Distances): ErrorCurve {
  const g = sorted(genuine, 'genuine');
  const f = sorted(forged, 'forged');
  const thresholds = new Float64Array(g.length + f.length + 1);
  const far = new Float64Array(thresholds.length);
  const frr = new Float64Array(thresholds.length);
  thresholds[0] = -Infinity;
  frr[0] = 1;
  let points = 1;
  for (let i = 0, j = 0; i < g.length || j < f.length; points++) {
    const threshold = Math.min(i < g.length ? g[i]! : Infinity, j < f.length ? f[j]! : Infinity);
    while (i < g.length && g[i]! <= threshold) i++;
    while (j < f.length && f[j]! <= threshold) j++;
    thresholds[points] = threshold;
    far[points] = j / f.length;
    frr[points] = (g.length - i) / g.length;
  }
  return {
    thresholds: thresholds.slice(0, points),
    far: far.slice(0, points),
    frr: frr.slice(0, points),
  };
}

export interface EqualErrorRate {
  /** 0 .. 1. */
  readonly eer: number;
  /** The threshold where FAR and FRR are nearest to each other, in the middle between two observed distances. */
  readonly threshold: number;
}

/**
 * Equal error rate. Convention: the points of the curve are joined by straight lines (as AUC with ties = 1/2 does) and
 * the EER is where that line meets FAR = FRR. FAR - FRR rises strictly from point to point, so there is exactly one such
 * place: a point, or between the last point with FAR < FRR and the first with FAR > FRR, interpolated linearly.
 * Depends only on the order of the distances. 0 when every genuine pair is closer than every forged one, 1 the other way.
 *
 * @throws INVALID_ARGUMENT for an empty list or NaN
 *
 * @example
 * equalErrorRate(Float32Array.of(1, 2, 3, 6), Float32Array.of(4, 5, 7, 8)); // { eer: 0.25, threshold: 4.5 }
 */
export function equalErrorRate(genuine: Distances, forged: Distances): EqualErrorRate {
  const { thresholds, far, frr } = errorCurve(genuine, forged);
  let above = 1;
  while (far[above]! < frr[above]!) above++;
  const gapBelow = frr[above - 1]! - far[above - 1]!; // > 0
  const gapAbove = far[above]! - frr[above]!; // >= 0
  const share = gapBelow / (gapBelow + gapAbove);
  const nearest = gapBelow < gapAbove ? above - 1 : above;
  return {
    eer: far[above - 1]! + share * (far[above]! - far[above - 1]!),
    threshold: middleOfStep(thresholds, nearest),
  };
}

/**
 * Area under the ROC curve: probability that a genuine pair is closer than a forged one, ties counted 1/2. 0 .. 1.
 *
 * @see Hanley and McNeil 1982 (the Mann-Whitney statistic)
 * @throws INVALID_ARGUMENT for an empty list or NaN
 */
export function areaUnderCurve(genuine: Distances, forged: Distances): number {
  const { far, frr } = errorCurve(genuine, forged);
  let area = 0;
  for (let i = 1; i < far.length; i++) area += (far[i]! - far[i - 1]!) * (1 - (frr[i]! + frr[i - 1]!) / 2);
  return area;
}

export interface FrrAtFar {
  /** The FAR that may not be exceeded, 0 .. 1. */
  readonly targetFar: number;
  /** FRR at the greatest threshold whose FAR does not exceed the target; null where too few errors stand behind it. */
  readonly frr: number | null;
  readonly falseAccepts: number;
  readonly falseRejections: number;
  /** Why `frr` is null. */
  readonly reason?: string;
}

/** Errors that have to stand behind a rate: 30 give about +-30 % with 90 % confidence. @see Doddington et al. 2000 */
export const RULE_OF_30 = 30;

/** FRR where FAR <= targetFar, with the rule of 30 applied to the false accepts and to the false rejections. */
export function frrAtFar(genuine: Distances, forged: Distances, targetFar: number): FrrAtFar {
  const { far, frr } = errorCurve(genuine, forged);
  let point = 0;
  while (point + 1 < far.length && far[point + 1]! <= targetFar) point++;
  const falseAccepts = Math.round(far[point]! * forged.length);
  const falseRejections = Math.round(frr[point]! * genuine.length);
  const counts = { targetFar, falseAccepts, falseRejections };
  if (falseAccepts >= RULE_OF_30 && falseRejections >= RULE_OF_30) return { ...counts, frr: frr[point]! };
  const reason =
    falseAccepts < RULE_OF_30
      ? `${falseAccepts} false accepts of ${forged.length} stand behind this FAR, fewer than ${RULE_OF_30}`
      : `${falseRejections} false rejections of ${genuine.length} stand behind this FRR, fewer than ${RULE_OF_30}`;
  return { ...counts, frr: null, reason };
}

export interface MaxAccuracy {
  /** 1 - (FAR + FRR) / 2, 0.5 .. 1: both classes weigh the same, however many pairs they have. */
  readonly balancedAccuracy: number;
  readonly threshold: number;
}

/**
 * Greatest balanced accuracy over all thresholds. The threshold is chosen on the very pairs that are judged, so the
 * figure is A POSTERIORI: it flatters, and is there only because papers print it.
 */
export function maxBalancedAccuracy(genuine: Distances, forged: Distances): MaxAccuracy {
  const { thresholds, far, frr } = errorCurve(genuine, forged);
  let best = far.length - 1;
  for (let i = 1; i < far.length; i++) if (far[i]! + frr[i]! < far[best]! + frr[best]!) best = i;
  return { balancedAccuracy: 1 - (far[best]! + frr[best]!) / 2, threshold: middleOfStep(thresholds, best) };
}

/** A threshold inside step `i` >= 1, away from observed distances, so that rounding cannot move a pair across it. */
function middleOfStep(thresholds: Float64Array, i: number): number {
  if (thresholds[i] === Infinity) return thresholds[i - 1]!;
  const next = thresholds[i + 1] ?? Infinity;
  return next === Infinity ? thresholds[i]! : (thresholds[i]! + next) / 2;
}

function sorted(distances: Distances, kind: string): Distances {
  requirePairs(distances, kind);
  const out = distances.slice().sort();
  if (Number.isNaN(out[out.length - 1]!)) {
    throw new CountersignError('INVALID_ARGUMENT', `Expected ${kind} distances that are numbers; at least one is NaN.`);
  }
  return out;
}

function requirePairs(distances: Distances, kind: string): void {
  if (distances.length === 0) {
    throw new CountersignError('INVALID_ARGUMENT', `Error rates need at least one ${kind} pair; there is none.`);
  }
}
