/**
 * The sigma-lognormal model of a pen's path: the velocity is the VECTOR sum of overlapping strokes, each turning about
 * its own pivot from the direction theta_start to theta_end while its speed follows a lognormal.
 *
 *     v(t) = sum_j D_j Lambda(t; t0_j, mu_j, sigma_j) [cos phi_j(t), sin phi_j(t)]
 *     phi_j(t) = theta_start_j + (theta_end_j - theta_start_j) w_j(t),   w_j(t) = integral of Lambda up to t
 *
 * Since phi is linear in w, each stroke is a circular arc and integrates in closed form. With B = theta_end - theta_start:
 *
 *     x_j(t) = D_j / B [ sin(theta_start + B w) - sin(theta_start) ]
 *     y_j(t) = D_j / B [ cos(theta_start) - cos(theta_start + B w) ]
 *
 * @see C. O'Reilly, R. Plamondon, "Development of a sigma-lognormal representation for on-line signatures",
 *   Pattern Recognition 42 (2009), eqs. 1-6
 */
import { lognormalProgress } from './lognormal.js';

/** Rate at which a path is sampled, in Hz: that of common pen tablets. */
export const SAMPLE_RATE_HZ = 200;

/** Half the log-time that a stroke is given, in standard deviations: 99.7 % of its path lies within. */
export const STROKE_SPAN = 3;

/** One lognormal stroke. Lengths are in units of the x-height, times in seconds, angles in radians, y upwards. */
export interface Stroke {
  /** Length of the arc. */
  readonly D: number;
  /** When the command was given. */
  readonly t0: number;
  /** Mean of the log-time delay. */
  readonly mu: number;
  /** Standard deviation of the log-time delay. */
  readonly sigma: number;
  readonly thetaStart: number;
  readonly thetaEnd: number;
}

/** A sampled path: n points `dt` = 1 / SAMPLE_RATE_HZ apart; x and y are [n] float64. */
export interface Path {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * Positions at `t` relative to the stroke's start.
 *
 * @param progress - w, 0 to 1
 */
export function strokeOffset(stroke: Stroke, progress: number): { x: number; y: number } {
  const { D, thetaStart } = stroke;
  const bend = stroke.thetaEnd - thetaStart;
  if (Math.abs(bend) < 1e-4) {
    return { x: D * progress * Math.cos(thetaStart), y: D * progress * Math.sin(thetaStart) };
  }
  const radius = D / bend;
  const phi = thetaStart + bend * progress;
  return { x: radius * (Math.sin(phi) - Math.sin(thetaStart)), y: radius * (Math.cos(thetaStart) - Math.cos(phi)) };
}

/**
 * The path that the strokes make together, from `startTime` to `endTime` seconds.
 *
 * @param origin - where the pen comes down
 * @returns x, y: [n] float64, n = floor((endTime - startTime) * 200) + 1
 */
export function samplePath(
  strokes: readonly Stroke[],
  origin: { readonly x: number; readonly y: number },
  startTime: number,
  endTime: number,
): Path {
  const n = Math.max(2, Math.floor((endTime - startTime) * SAMPLE_RATE_HZ) + 1);
  const x = new Float64Array(n).fill(origin.x);
  const y = new Float64Array(n).fill(origin.y);
  for (const stroke of strokes) {
    const end = strokeOffset(stroke, 1);
    const doneAt = stroke.t0 + Math.exp(stroke.mu + (STROKE_SPAN + 1) * stroke.sigma);
    for (let i = Math.max(0, Math.ceil((stroke.t0 - startTime) * SAMPLE_RATE_HZ)); i < n; i++) {
      const t = startTime + i / SAMPLE_RATE_HZ;
      const offset = t >= doneAt ? end : strokeOffset(stroke, lognormalProgress(t, stroke.t0, stroke.mu, stroke.sigma));
      x[i]! += offset.x;
      y[i]! += offset.y;
    }
  }
  return { x, y };
}
