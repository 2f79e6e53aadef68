/** How numbers stand in the pages. */

/** `5.3`: of a hundred; two decimals where one would say little. */
export function perHundred(share: number): string {
  const value = 100 * share;
  return value.toFixed(value > 0 && value < 0.95 ? 2 : 1);
}

/** `16,560`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-GB');
}
