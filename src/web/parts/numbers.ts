/** A share as people read it: `0.34 %`, `12.1 %`. */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value.toFixed(value < 1 ? 2 : 1)} %`;
}
