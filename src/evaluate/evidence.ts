/** Distances of calibration pairs as counts on a grid, small enough for a model file: see `Evidence`. */
import type { Evidence, ForgeryKind } from '../nn/calibration-metadata.js';
import type { GroupedDistances } from './weighted-rates.js';

/**
 * Error rates that a point of the grid is laid for, in each kind of forgery (accepted) and in the genuine (rejected):
 * dense where targets lie. 0 and 1 are the ends of the distances.
 */
const RATES = [
  0, 0.001, 0.002, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.12, 0.15,
  0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1,
];

export interface QuestionedDistances extends GroupedDistances {
  /** [M] index of the questioned sample; one is questioned by many pairs. */
  readonly questioned: Uint32Array;
}

/** Pairs of one kind each, of the same writers. */
export interface PairsByKind {
  readonly genuine: QuestionedDistances;
  readonly skilled: QuestionedDistances;
  readonly random: QuestionedDistances;
}

/** @param writerCount - length of the list that `writer` indexes */
export function gatherEvidence({ genuine, skilled, random }: PairsByKind, writerCount: number): Evidence {
  const points = [
    ...quantiles(skilled, forgedPoint),
    ...quantiles(random, forgedPoint),
    ...quantiles(genuine, genuinePoint),
  ];
  const distances = [...new Set(points)].sort((a, b) => a - b);
  const count = ({ distance, writer }: GroupedDistances): number[][] => {
    const counts = Array.from({ length: writerCount }, () => new Array<number>(distances.length).fill(0));
    distance.forEach((d, m) => {
      counts[writer[m]!]![firstFrom(distances, d)]! += 1;
    });
    return counts.map(runningSum);
  };
  const [g, s, r] = [count(genuine), count(skilled), count(random)];
  return {
    distances,
    questioned: { genuine: distinct(genuine), skilled: distinct(skilled), random: distinct(random) },
    writers: g.map((own, w) => ({ genuine: own, skilled: s[w]!, random: r[w]! })),
  };
}

/** Position, among n ascending distances, of the greatest that no more than a share `rate` of forged pairs lie within. */
const forgedPoint = (n: number, rate: number) => Math.max(0, Math.floor(rate * n) - 1);

/** The same of the least that no more than a share `rate` of genuine pairs lie beyond. */
const genuinePoint = (n: number, rate: number) => Math.max(0, n - 1 - Math.floor(rate * n));

function quantiles({ distance }: GroupedDistances, position: (n: number, rate: number) => number): number[] {
  if (distance.length === 0) return [];
  const sorted = Float64Array.from(distance).sort();
  return RATES.map((rate) => sorted[position(sorted.length, rate)]!);
}

/** How many writers have pairs of a kind: the others of the list say nothing of it. */
export function writersWith({ writers }: Pick<Evidence, 'writers'>, kind: 'genuine' | ForgeryKind): number {
  return writers.filter((writer) => writer[kind].at(-1)! > 0).length;
}

/** Pairs of one writer with distance <= threshold: exact at the points of the grid, joined by straight lines between. */
export function acceptedAt(
  accepted: readonly number[],
  threshold: number,
  { distances }: { readonly distances: readonly number[] },
): number {
  const above = firstFrom(distances, threshold);
  if (above === distances.length) return accepted.at(-1)!;
  if (distances[above] === threshold) return accepted[above]!;
  if (above === 0) return 0;
  const [low, high] = [distances[above - 1]!, distances[above]!];
  return accepted[above - 1]! + ((threshold - low) / (high - low)) * (accepted[above]! - accepted[above - 1]!);
}

/** Of what was fitted for numbers of references, ascending, that for so many, or for the next smaller number. */
export function forReferences<Fit>(fits: readonly Fit[], references: number, countOf: (fit: Fit) => number): Fit {
  return fits.findLast((fit) => countOf(fit) <= references) ?? fits[0]!;
}

/** Index of the first of ascending numbers that is not below `value`; their number where all are. */
function firstFrom(ascending: readonly number[], value: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ascending[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

function distinct({ questioned }: QuestionedDistances): number {
  return new Set(questioned).size;
}

function runningSum(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum;
  });
}
