/** Symmetric positive definite matrices, row-major, as products of a triangular matrix and its transpose. */

/**
 * A = L L^T.
 *
 * @param a - [n, n]; its lower triangle is read, and overwritten by L
 */
export function factorise(a: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      const rest = a[i * n + j]! - product(a, i * n, a, j * n, j);
      a[i * n + j] = i === j ? Math.sqrt(Math.max(rest, 1e-300)) : rest / a[j * n + j]!;
    }
  }
}

/**
 * Solves L x = b.
 *
 * @param l - of `factorise`
 * @param bs - [n] each; x afterwards. Some dozens at a time are quickest where L does not fit a cache
 */
export function solveLower(l: Float64Array, n: number, ...bs: readonly Float64Array[]): void {
  for (let i = 0; i < n; i++) {
    for (const b of bs) b[i] = (b[i]! - product(l, i * n, b, 0, i)) / l[i * n + i]!;
  }
}

/** Solves L^T x = b, which is x^T L = b^T, in the same way. */
export function solveUpper(l: Float64Array, n: number, ...bs: readonly Float64Array[]): void {
  for (let i = n - 1; i >= 0; i--) {
    for (const b of bs) {
      b[i]! /= l[i * n + i]!;
      for (let k = 0; k < i; k++) b[k]! -= l[i * n + k]! * b[i]!;
    }
  }
}

/** Of `count` numbers each; four sums, so that one addition need not wait for the other. */
function product(a: Float64Array, fromA: number, b: Float64Array, fromB: number, count: number): number {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < count; k += 4) {
    first += a[fromA + k]! * b[fromB + k]!;
    second += a[fromA + k + 1]! * b[fromB + k + 1]!;
    third += a[fromA + k + 2]! * b[fromB + k + 2]!;
    fourth += a[fromA + k + 3]! * b[fromB + k + 3]!;
  }
  for (; k < count; k++) first += a[fromA + k]! * b[fromB + k]!;
  return first + second + (third + fourth);
}
