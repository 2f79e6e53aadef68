/** Curves made small enough for a report: histograms of the distances, and a thinned DET curve. */
import { type Distances, errorCurve } from './error-rates.js';
import { probit } from './probit.js';

/** Shares of the pairs per bin; bin i holds from + [i, i + 1) x binWidth, the last one its upper end too. */
export interface Histogram {
  /** 0 for distances; the least one where they may be negative, as those made of scores. */
  readonly from: number;
  readonly binWidth: number;
  /** Share of all pairs of the class, 0 .. 1 per bin. Pairs at +Infinity (failed images) are in none. */
  readonly genuine: readonly number[];
  readonly skilled: readonly number[];
  readonly random: readonly number[] | null;
}

export const HISTOGRAM_BINS = 50;

/** Histograms over the same bins, from 0 or a lesser least distance to the greatest finite one. */
export function histogram(genuine: Distances, skilled: Distances, random: Distances | null): Histogram {
  let [from, greatest] = [0, Number.NEGATIVE_INFINITY];
  for (const list of [genuine, skilled, random ?? []]) {
    for (const d of list) {
      if (!Number.isFinite(d)) continue;
      from = Math.min(from, d);
      greatest = Math.max(greatest, d);
    }
  }
  const binWidth = greatest > from ? (greatest - from) / HISTOGRAM_BINS : 1;
  const shares = (distances: Distances) => {
    const bins = new Array<number>(HISTOGRAM_BINS).fill(0);
    for (const d of distances) {
      if (Number.isFinite(d)) bins[Math.min(Math.floor((d - from) / binWidth), HISTOGRAM_BINS - 1)]! += 1;
    }
    return bins.map((count) => count / distances.length);
  };
  return { from, binWidth, genuine: shares(genuine), skilled: shares(skilled), random: random && shares(random) };
}

/** Points (FAR, FRR), 0 .. 1, from nothing accepted to everything accepted. */
export interface DetCurve {
  readonly far: readonly number[];
  readonly frr: readonly number[];
}

/** On probit axes a step of 0.02 is about a pixel. */
const SMALLEST_STEP = 0.02;

/** The DET curve without the points that lie within a pixel of the one before: some hundreds instead of 60,000. */
export function detCurve(genuine: Distances, forged: Distances): DetCurve {
  const curve = errorCurve(genuine, forged);
  const far: number[] = [];
  const frr: number[] = [];
  let [lastX, lastY] = [Number.NaN, Number.NaN];
  for (let i = 0; i < curve.far.length; i++) {
    const [x, y] = [probit(curve.far[i]!), probit(curve.frr[i]!)];
    // not below the step: keeps the first point (NaN), and moves from or to a rate of 0 or 1 (infinite)
    const near = (a: number, b: number) => a === b || Math.abs(a - b) < SMALLEST_STEP;
    if (near(x, lastX) && near(y, lastY) && i + 1 < curve.far.length) continue;
    far.push(curve.far[i]!);
    frr.push(curve.frr[i]!);
    [lastX, lastY] = [x, y];
  }
  return { far, frr };
}
