/**
 * Orders names as people count: `2.png` before `10.png`, `full_org` before `train`. By code units, never by locale, so
 * that every machine sorts alike; names that differ in leading zeros only (`01`, `1`) still have one order.
 *
 * @returns below 0 when a comes first, above 0 when b does, 0 for equal strings only
 * @example ['10.png', '2.png'].sort(compareNatural) // ['2.png', '10.png']
 */
export function compareNatural(a: string, b: string): number {
  const left = a.match(RUNS) ?? [];
  const right = b.match(RUNS) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareRuns(left[i] as string, right[i] as string);
    if (order !== 0) return order;
  }
  return left.length - right.length || compareText(a, b);
}

/** Runs of digits and runs of anything else. */
const RUNS = /[0-9]+|[^0-9]+/g;

function compareRuns(a: string, b: string): number {
  if (!isNumber(a) || !isNumber(b)) return compareText(a, b);
  const x = withoutZeros(a);
  const y = withoutZeros(b);
  return x.length - y.length || compareText(x, y); // as text: numbers of any length
}

/** By code units, the same in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNumber(run: string): boolean {
  return run >= '0' && run < ':'; // ':' follows '9'
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+/, '');
}
