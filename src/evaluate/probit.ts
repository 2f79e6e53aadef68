/**
 * Probit, the inverse of the standard normal distribution: the scale of a DET curve's axes, on which two normal
 * distributions of distances give a straight line.
 *
 * @param probability - 0 .. 1; 0 and 1 give -Infinity and Infinity
 * @returns standard deviations, absolute error below 5e-9 x |result|
 * @see Acklam 2003, "An algorithm for computing the inverse normal cumulative distribution function"
 *
 * @example
 * probit(0.975); // 1.95996
 */
export function probit(probability: number): number {
  if (probability > 0.5) return -probit(1 - probability);
  if (probability <= 0) return -Infinity;
  if (probability < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(probability));
    return polynomial(C, q) / (polynomial(D, q) * q + 1);
  }
  const q = probability - 0.5;
  const r = q * q;
  return (polynomial(A, r) * q) / (polynomial(B, r) * r + 1);
}

const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];

/** Horner's rule, highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
