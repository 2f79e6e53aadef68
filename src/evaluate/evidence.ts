/** Distances of calibration pairs as counts on a grid, small enough for a model file: see `Evidence`. */
import type { Evidence } from '../nn/calibration-metadata.js';
import type { GroupedDistances } from './weighted-rates.js';

/** Points of the grid. On the shipped model's distances a step is about 0.02. */
const POINTS = 64;

/** Pairs of one kind each, of the same writers. */
export interface PairsByKind {
  readonly genuine: GroupedDistances;
  readonly skilled: GroupedDistances;
  readonly random: GroupedDistances;
}

/**
 * The grid reaches from the least to the greatest distance.
 *
 * @param writerCount - length of the list that `writer` indexes
 */
export function gatherEvidence({ genuine, skilled, random }: PairsByKind, writerCount: number): Evidence {
  let [from, to] = [Infinity, -Infinity];
  for (const { distance } of [genuine, skilled, random]) {
    for (const d of distance) [from, to] = [Math.min(from, d), Math.max(to, d)];
  }
  const step = to > from ? (to - from) / (POINTS - 1) : 1;
  const count = ({ distance, writer }: GroupedDistances): number[][] => {
    const counts = Array.from({ length: writerCount }, () => new Array<number>(POINTS).fill(0));
    distance.forEach((d, m) => {
      counts[writer[m]!]![Math.min(POINTS - 1, Math.ceil((d - from) / step))]! += 1;
    });
    return counts.map(runningSum);
  };
  const [g, s, r] = [count(genuine), count(skilled), count(random)];
  return { from, step, writers: g.map((own, w) => ({ genuine: own, skilled: s[w]!, random: r[w]! })) };
}

/** Pairs of one writer with distance <= threshold, joined by straight lines between the points of the grid. */
export function acceptedAt(accepted: readonly number[], threshold: number, { from, step }: Evidence): number {
  const position = (threshold - from) / step;
  if (position < 0) return 0;
  const below = Math.floor(position);
  if (below >= accepted.length - 1) return accepted.at(-1)!;
  return accepted[below]! + (position - below) * (accepted[below + 1]! - accepted[below]!);
}

function runningSum(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum;
  });
}
