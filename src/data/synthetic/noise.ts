import type { Rng } from '../../core/rng.js';

/**
 * Noise that changes slowly from one value to the next (first-order autoregression), mean 0, standard deviation 1:
 * z_i = rho z_(i-1) + sqrt(1 - rho^2) n_i.
 *
 * @param rho - correlation of neighbours, 0 (white) to 1
 * @returns [n] float64
 */
export function correlatedNoise(n: number, rho: number, rng: Rng): Float64Array {
  const out = new Float64Array(n);
  const innovation = Math.sqrt(1 - rho * rho);
  for (let i = 0; i < n; i++) out[i] = i === 0 ? rng.normal() : rho * out[i - 1]! + innovation * rng.normal();
  return out;
}

/**
 * Tremor of a hand: noise in a band about 9 Hz at 200 samples/s, by a damped resonator
 * y_i = 2 r cos(w) y_(i-1) - r^2 y_(i-2) + g n_i, with g such that the standard deviation is `amplitude`.
 *
 * @returns [n] float64, in the unit of `amplitude`
 */
export function tremor(n: number, amplitude: number, rng: Rng): Float64Array {
  const r = 0.93;
  const cos = Math.cos((2 * Math.PI * 9) / 200);
  const [a1, a2] = [2 * r * cos, -r * r];
  // Variance of a second-order autoregression with innovations of variance 1.
  const variance = (1 - a2) / ((1 + a2) * ((1 - a2) ** 2 - a1 * a1));
  const gain = amplitude / Math.sqrt(variance);
  const out = new Float64Array(n);
  let [before, last] = [amplitude * rng.normal(), amplitude * rng.normal()];
  for (let i = 0; i < n; i++) {
    const value = a1 * last + a2 * before + gain * rng.normal();
    out[i] = value;
    [before, last] = [last, value];
  }
  return out;
}
