/** Error rates at every threshold, from the evidence in a model file, with their intervals over the calibration writers. */

import { Rng } from '../core/rng.js';
import type { CalibrationBlock, Evidence } from '../nn/calibration-metadata.js';
import { drawWriters, percentileInterval, RESAMPLES, weighted } from './bootstrap.js';
import { writersWith } from './evidence.js';
import { type ExpectedRate, equalErrorThreshold } from './operating-points.js';

/** What is to be expected when signatures up to this distance are accepted. */
export interface CurvePoint {
  readonly distance: number;
  /** Share of genuine signatures rejected. */
  readonly frr: ExpectedRate;
  /** Shares of forgeries accepted. */
  readonly farSkilled: ExpectedRate;
  readonly farRandom: ExpectedRate;
}

export interface ErrorCurve {
  /** Number of references that it holds for. */
  readonly references: number;
  readonly writers: number;
  /** Signatures that were questioned, of all writers. */
  readonly questioned: Evidence['questioned'];
  /** Where FAR on skilled forgeries and FRR are equal. */
  readonly equalErrorThreshold: number;
  /** By ascending distance. */
  readonly points: readonly CurvePoint[];
}

/** One for each number of references that the model is calibrated for. */
export function errorCurves({ references }: Pick<CalibrationBlock, 'references'>): readonly ErrorCurve[] {
  return references.map(({ count, evidence }) => ({
    ...{ references: count, writers: writersWith(evidence, 'skilled'), questioned: evidence.questioned },
    equalErrorThreshold: equalErrorThreshold({ count, evidence }),
    points: pointsOf(evidence),
  }));
}

/** Of all points the same draws of writers, those of `operatingPoint`: its intervals are these. */
function pointsOf({ distances, writers }: Evidence): CurvePoint[] {
  const accepted = (kind: 'genuine' | 'skilled' | 'random') =>
    distances.map((_, i) => Float64Array.from(writers, (writer) => writer[kind][i]!));
  const [genuine, skilled, random] = [accepted('genuine'), accepted('skilled'), accepted('random')];
  const genuineAccepted = shares(genuine, skilled, genuine);
  const farSkilled = shares(genuine, skilled, skilled);
  const farRandom = shares(genuine, random, random);
  return distances.map((distance, i) => {
    const { value, interval } = genuineAccepted[i]!;
    const frr = { value: 1 - value, interval: { low: 1 - interval.high, high: 1 - interval.low } };
    return { distance, frr, farSkilled: farSkilled[i]!, farRandom: farRandom[i]! };
  });
}

/**
 * @param genuine - [points][writers], as `forged`: pairs accepted; a draw without any of either is drawn again
 * @param of - one of the two
 */
function shares(
  genuine: readonly Float64Array[],
  forged: readonly Float64Array[],
  of: readonly Float64Array[],
): ExpectedRate[] {
  const all = of.at(-1)!;
  const writers = all.length;
  const rng = new Rng('operating points');
  const resampled = of.map(() => new Float64Array(RESAMPLES));
  for (let r = 0; r < RESAMPLES; r++) {
    const weights = drawWriters(rng, writers, genuine.at(-1)!, forged.at(-1)!);
    const total = weighted(weights, all);
    for (let i = 0; i < of.length; i++) resampled[i]![r] = weighted(weights, of[i]!) / total;
  }
  const everyone = new Float64Array(writers).fill(1);
  const total = weighted(everyone, all);
  return of.map((accepted, i) => ({
    value: weighted(everyone, accepted) / total,
    interval: percentileInterval(resampled[i]!),
  }));
}
