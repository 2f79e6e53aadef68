/**
 * From a distance to evidence: logistic regression of "genuine" on the distance, fitted on validation writers, who are
 * used neither for training nor for the test.
 */
import { CountersignError } from '../core/errors.js';
import type { Distances } from './error-rates.js';

/** P(genuine | distance) = 1 / (1 + exp(slope * distance + intercept)). */
export interface Calibration {
  /** Per unit of distance; positive for a verifier that works (farther is less likely genuine). */
  readonly slope: number;
  readonly intercept: number;
}

/** Weight of slope^2 / 2 (distance in standard deviations) beside the mean log loss: finite on separable data. */
const RIDGE = 1e-4;

/**
 * Minimises, over a and b with z = a x + b and x the standardised distance,
 *
 *   1/(2G) sum_genuine log(1 + e^z) + 1/(2F) sum_forged log(1 + e^-z) + RIDGE/2 a^2
 *
 * by damped Newton steps. Genuine and forged weigh the same, so the fitted probability is for a pair where both are
 * equally likely beforehand. Pairs at +Infinity (failed images) carry no evidence and are left out.
 *
 * @see Platt 1999; Brümmer and du Preez 2006 (weighting the classes by a chosen prior)
 * @throws INVALID_ARGUMENT when either class has no finite distance
 *
 * @example
 * fitCalibration(Float32Array.of(0.2, 0.3, 0.7), Float32Array.of(0.6, 0.9, 1.1)); // { slope: 8.6, intercept: -5.5 } rounded
 */
export function fitCalibration(genuine: Distances, forged: Distances): Calibration {
  const g = finite(genuine, 'genuine');
  const f = finite(forged, 'forged');
  const mean = (average(g, (d) => d) + average(f, (d) => d)) / 2;
  const variance = (average(g, (d) => (d - mean) ** 2) + average(f, (d) => (d - mean) ** 2)) / 2;
  const scale = variance > 0 ? Math.sqrt(variance) : 1;
  const [x, y] = [g.map((d) => (d - mean) / scale), f.map((d) => (d - mean) / scale)];

  let [a, b] = [0, 0];
  let current = objective(x, y, a, b);
  for (let iteration = 0; iteration < 100; iteration++) {
    const { gradientA: ga, gradientB: gb, haa, hab, hbb } = current;
    const determinant = haa * hbb - hab * hab;
    const stepA = (hbb * ga - hab * gb) / determinant;
    const stepB = (haa * gb - hab * ga) / determinant;
    let damping = 1;
    let next = objective(x, y, a - stepA, b - stepB);
    while (next.loss > current.loss && damping > 1e-6) {
      damping /= 2;
      next = objective(x, y, a - damping * stepA, b - damping * stepB);
    }
    if (!(next.loss < current.loss)) break;
    [a, b, current] = [a - damping * stepA, b - damping * stepB, next];
  }
  return { slope: a / scale, intercept: b - (a * mean) / scale };
}

/** Estimated probability, 0 .. 1, that the pair is genuine where genuine and skilled forgery are equally likely. */
export function genuineProbability(distance: number, { slope, intercept }: Calibration): number {
  return 1 / (1 + Math.exp(slope * distance + intercept));
}

/**
 * Similarity, 0 .. 100, greater is closer: 100 / (1 + exp(slope * distance + intercept)), the estimated probability in
 * percent that the pair is genuine where genuine and skilled forgery are equally likely, fitted on validation writers.
 */
export function similarity(distance: number, calibration: Calibration): number {
  return 100 * genuineProbability(distance, calibration);
}

/** Loss, gradient and Hessian at (a, b), for standardised distances of both classes. */
function objective(genuine: Float64Array, forged: Float64Array, a: number, b: number) {
  let loss = (RIDGE / 2) * a * a;
  let [gradientA, gradientB, haa, hab, hbb] = [RIDGE * a, 0, RIDGE, 0, 0];
  for (const [values, sign] of [
    [genuine, 1],
    [forged, -1],
  ] as const) {
    const weight = 1 / (2 * values.length);
    for (const x of values) {
      const z = sign * (a * x + b); // log(1 + e^z) and its derivatives, without overflow
      const decay = Math.exp(-Math.abs(z));
      loss += weight * (Math.max(z, 0) + Math.log1p(decay));
      const p = z >= 0 ? 1 / (1 + decay) : decay / (1 + decay);
      const curvature = (weight * decay) / (1 + decay) ** 2;
      gradientA += weight * sign * p * x;
      gradientB += weight * sign * p;
      haa += curvature * x * x;
      hab += curvature * x;
      hbb += curvature;
    }
  }
  return { loss, gradientA, gradientB, haa, hab, hbb };
}

function finite(distances: Distances, kind: string): Float64Array {
  const kept = Float64Array.from(distances).filter(Number.isFinite);
  if (kept.length > 0) return kept;
  throw new CountersignError('INVALID_ARGUMENT', `Calibration needs at least one ${kind} pair; there is none.`);
}

function average(values: Float64Array, f: (value: number) => number): number {
  let sum = 0;
  for (const value of values) sum += f(value);
  return sum / values.length;
}
