/**
 * From targets to lognormal strokes: the timing with which a hand runs through its plan.
 *
 * A stroke of duration T spans +-3 sigma of its log-time, hence (with S = STROKE_SPAN)
 *
 *     mu = ln( T / (2 sinh(S sigma)) ),   t0 = onset - exp(mu - S sigma)
 *
 * and the next stroke starts after the part `pace` of T: the smaller, the more they overlap and the more fluent the line.
 * An arc that turns through B over a chord c has the length D = c (B/2) / sin(B/2) and starts B/2 beside its chord.
 * Durations grow slowly with length (isochrony): T = T1 D^(1/3).
 *
 * @see D. Berio, F. F. Leymarie, R. Plamondon, "Computer aided design of handwriting trajectories with the kinematic
 *   theory of rapid human movements" (2017), section 2
 */
import type { Rng } from '../../core/rng.js';
import type { Target } from './action-plan.js';
import { STROKE_SPAN, type Stroke } from './sigma-lognormal.js';

/** How a hand moves. */
export interface MotorHabits {
  /** Seconds for a stroke as long as the x-height. */
  readonly strokeSeconds: number;
  /** Part of a stroke after which the next one starts, 0.3 (fluent) to 1 (stop and go). */
  readonly pace: number;
  /** Skew of the speed profile: sigma of the lognormals. */
  readonly sigma: number;
  /** Standard deviation of the log of each duration, and of `pace`: the hand's unsteadiness in time. */
  readonly timingNoise: number;
  /** Probability of a hesitation before a stroke. */
  readonly hesitation: number;
}

/** @returns one stroke fewer than there are targets, and when the last one ends, in seconds */
export function planStrokes(
  targets: readonly Target[],
  habits: MotorHabits,
  rng: Rng,
): { readonly strokes: readonly Stroke[]; readonly endTime: number } {
  const strokes: Stroke[] = [];
  let onset = 0;
  let endTime = 0;
  for (let i = 1; i < targets.length; i++) {
    const from = targets[i - 1]!;
    const to = targets[i]!;
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    const half = Math.max(-2, Math.min(2, to.bend / 2));
    const D = Math.hypot(dx, dy) * (Math.abs(half) < 1e-4 ? 1 : half / Math.sin(half));
    const chordAngle = Math.atan2(dy, dx);
    const sigma = habits.sigma * Math.exp(rng.normal(0, habits.timingNoise));
    const noise = Math.exp(rng.normal(0, habits.timingNoise));
    const duration = habits.strokeSeconds * Math.min(2.2, Math.max(0.55, Math.cbrt(D))) * noise;
    if (i > 1 && rng.chance(habits.hesitation)) onset += duration * rng.uniform(0.3, 0.9);
    const mu = Math.log(duration / (2 * Math.sinh(STROKE_SPAN * sigma)));
    const t0 = onset - Math.exp(mu - STROKE_SPAN * sigma);
    strokes.push({ D, t0, mu, sigma, thetaStart: chordAngle - half, thetaEnd: chordAngle + half });
    endTime = Math.max(endTime, onset + duration);
    onset += duration * Math.max(0.25, habits.pace + rng.normal(0, habits.timingNoise * 0.3));
  }
  return { strokes, endTime };
}
