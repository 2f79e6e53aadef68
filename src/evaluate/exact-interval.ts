/**
 * The 95 % interval of a share that was counted: exact, so that it holds for few counts and for none at all.
 *
 * For k of n the bounds are the shares p at which so many, or more, and so few, or fewer, each come with probability
 * 2.5 %: quantiles of beta distributions, since P(X >= k) = I_p(k, n - k + 1) for X ~ Binomial(n, p).
 *
 * @see Clopper and Pearson 1934; Press et al. 2007, section 6.4, for the continued fraction of I_x(a, b)
 */
import type { Interval } from './bootstrap.js';

/** A share that was counted; share and interval are null where there was nothing to count. */
export interface CountedShare {
  readonly count: number;
  readonly of: number;
  /** 0 .. 1. */
  readonly share: number | null;
  readonly interval: Interval | null;
}

export function countedShare(count: number, of: number): CountedShare {
  return of === 0
    ? { count, of, share: null, interval: null }
    : { count, of, share: count / of, interval: exactInterval(count, of) };
}

const TAIL = 0.025;

/**
 * @param count - 0 .. of
 * @param of - independent trials, 1 or more
 * @example exactInterval(0, 10); // { low: 0, high: 0.308 }
 */
export function exactInterval(count: number, of: number): Interval {
  return {
    low: count === 0 ? 0 : shareAt(TAIL, count, of - count + 1),
    high: count === of ? 1 : shareAt(1 - TAIL, count + 1, of - count),
  };
}

/** The p at which I_p(a, b) is `probability`: it ascends in p, so halving finds it. */
function shareAt(probability: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  while (true) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle; // neighbours among the numbers there are
    if (incompleteBeta(middle, a, b) < probability) low = middle;
    else high = middle;
  }
}

/** I_x(a, b), the regularised incomplete beta function, 0 .. 1. */
function incompleteBeta(x: number, a: number, b: number): number {
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges quickly on one side of the mean; on the other by I_x(a, b) = 1 - I_(1 - x)(b, a).
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

const TINY = 1e-300;

/** Lentz's method: numerator and denominator of each step, kept away from 0. */
function fraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; ; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let step = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      step = c * d;
      value *= step;
    }
    if (Math.abs(step - 1) < Number.EPSILON * 4) return value;
  }
}

/** Lanczos (1964), 15 digits for x >= 1. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const G = 7;

function logGamma(x: number): number {
  const sum = LANCZOS.reduce((total, coefficient, i) => total + (i === 0 ? coefficient : coefficient / (x - 1 + i)), 0);
  const t = x - 1 + G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
