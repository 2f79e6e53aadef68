/**
 * The lognormal law of one stroke's speed: a muscle group that is made of many coupled subsystems answers a command
 * given at t0 with an impulse response that tends to a lognormal.
 *
 *     Lambda(t; t0, mu, sigma) = 1 / (sigma (t - t0) sqrt(2 pi)) exp(-(ln(t - t0) - mu)^2 / (2 sigma^2)),   t > t0
 *
 * Its integral over time is 1, so that D Lambda is the speed of a stroke whose path has the length D.
 *
 * @see R. Plamondon, "A kinematic theory of rapid human movements, part I", Biological Cybernetics 72 (1995), eq. 14
 */

/** Density at `t` seconds, in 1/s; 0 at and before t0. */
export function lognormalDensity(t: number, t0: number, mu: number, sigma: number): number {
  if (t <= t0) return 0;
  const z = (Math.log(t - t0) - mu) / sigma;
  return Math.exp(-0.5 * z * z) / (sigma * (t - t0) * Math.sqrt(2 * Math.PI));
}

/** The part of the stroke that is done at `t` seconds, 0 to 1: 1/2 (1 + erf((ln(t - t0) - mu) / (sigma sqrt 2))). */
export function lognormalProgress(t: number, t0: number, mu: number, sigma: number): number {
  if (t <= t0) return 0;
  return 0.5 * (1 + erf((Math.log(t - t0) - mu) / (sigma * Math.SQRT2)));
}

/** Error function, absolute error below 1.5e-7. @see Abramowitz and Stegun, 7.1.26 */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const value = 1 - series * Math.exp(-x * x);
  return x < 0 ? -value : value;
}
