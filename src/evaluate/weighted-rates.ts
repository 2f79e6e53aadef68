/**
 * EER and AUC where every pair counts as often as its writer was drawn, fast enough to be asked thousands of times: the
 * pairs are sorted and counted per writer once, and one set of weights then costs about W^2 steps for W writers, however
 * many pairs there are. Conventions as in error-rates.ts.
 */
import { CountersignError } from '../core/errors.js';
import type { Distances } from './error-rates.js';

/** What is needed of a pair table. */
export interface GroupedDistances {
  /** [M]; +Infinity where a comparison could not be made. */
  readonly distance: Distances;
  /** [M] index of the writer claimed. */
  readonly writer: Uint32Array;
}

export interface WeightedRates {
  /** @param weights - [W] whole numbers; together they must hold a genuine and a forged pair */
  eer(weights: Float64Array): number;
  auc(weights: Float64Array): number;
}

/** @param writerCount - W, the length of the list that `writer` indexes */
export function weightedRates(genuine: GroupedDistances, forged: GroupedDistances, writerCount: number): WeightedRates {
  const pairs = sortPairs(genuine, forged, writerCount);
  const eer = eerByWeights(pairs, writerCount);
  const auc = aucByWeights(pairs, writerCount);
  return { eer, auc };
}

/** All pairs by distance, ascending, in groups of equal distance. */
interface SortedPairs {
  /** [M] 2 x writer, plus 1 for a forged pair. */
  readonly slot: Uint32Array;
  /** [K + 1] where each group of equal distances begins; the last entry is M. */
  readonly begin: Uint32Array;
}

function sortPairs(genuine: GroupedDistances, forged: GroupedDistances, writerCount: number): SortedPairs {
  const g = genuine.distance.length;
  const distance = new Float64Array(g + forged.distance.length);
  distance.set(genuine.distance);
  distance.set(forged.distance, g);
  const order = new Uint32Array(distance.length).map((_, i) => i);
  order.sort((a, b) => (distance[a]! < distance[b]! ? -1 : distance[a]! > distance[b]! ? 1 : 0));
  const begin: number[] = [];
  const slot = order.map((pair, m) => {
    if (m === 0 || distance[order[m - 1]!] !== distance[pair]) begin.push(m);
    const writer = pair < g ? genuine.writer[pair]! : forged.writer[pair - g]!;
    if (writer < writerCount) return 2 * writer + (pair < g ? 0 : 1);
    throw new CountersignError('INVALID_ARGUMENT', `Expected writer indices below ${writerCount}; ${writer} came.`);
  });
  return { slot, begin: Uint32Array.from([...begin, distance.length]) };
}

/** Groups between two rows of the table of counts: memory against the length of the last linear search. */
const GROUPS_PER_ROW = 256;

/** FAR - FRR never falls along the groups, so the crossing is found by bisection over a table of counts per writer. */
function eerByWeights({ slot, begin }: SortedPairs, writerCount: number): (weights: Float64Array) => number {
  const groups = begin.length - 1;
  const rows = Math.ceil(groups / GROUPS_PER_ROW) + 1;
  const width = 2 * writerCount;
  const table = new Uint32Array(rows * width); // [rows, 2 W] pairs of each slot before group row x GROUPS_PER_ROW
  for (let row = 1; row < rows; row++) {
    table.copyWithin(row * width, (row - 1) * width, row * width);
    const end = begin[Math.min(row * GROUPS_PER_ROW, groups)]!;
    for (let m = begin[(row - 1) * GROUPS_PER_ROW]!; m < end; m++) table[row * width + slot[m]!]! += 1;
  }

  return (weights) => {
    const accepted = (row: number, forged: 0 | 1) => {
      let sum = 0;
      for (let w = 0; w < writerCount; w++) sum += weights[w]! * table[row * width + 2 * w + forged]!;
      return sum;
    };
    const [g, f] = [accepted(rows - 1, 0), accepted(rows - 1, 1)];
    const gap = (genuine: number, forged: number) => forged * g - (g - genuine) * f; // (FAR - FRR) x g x f
    let [below, above] = [0, rows - 1]; // gap < 0 at row `below`, >= 0 at row `above`
    while (above - below > 1) {
      const middle = (below + above) >> 1;
      if (gap(accepted(middle, 0), accepted(middle, 1)) >= 0) above = middle;
      else below = middle;
    }
    const now = [accepted(below, 0), accepted(below, 1)];
    for (let group = below * GROUPS_PER_ROW; ; group++) {
      const [genuineBefore, forgedBefore] = [now[0]!, now[1]!];
      for (let m = begin[group]!; m < begin[group + 1]!; m++) now[slot[m]! & 1]! += weights[slot[m]! >> 1]!;
      const gapAbove = gap(now[0]!, now[1]!);
      if (gapAbove < 0) continue;
      const gapBelow = -gap(genuineBefore, forgedBefore);
      return (forgedBefore + (gapBelow / (gapBelow + gapAbove)) * (now[1]! - forgedBefore)) / f;
    }
  };
}

/** AUC = sum_w sum_v weight_w weight_v U[w, v] / (G F), with U[w, v] the Mann-Whitney count of writer w's genuine
 *  pairs against writer v's forged ones, ties 1/2. */
function aucByWeights({ slot, begin }: SortedPairs, writerCount: number): (weights: Float64Array) => number {
  const wins = new Float64Array(writerCount * writerCount); // [v, w]
  const before = new Float64Array(writerCount); // genuine pairs closer than the group, half of those in it
  const total = [new Float64Array(writerCount), new Float64Array(writerCount)] as const;
  for (let group = 0; group + 1 < begin.length; group++) {
    const members = slot.subarray(begin[group]!, begin[group + 1]!);
    for (const s of members) total[s & 1 ? 1 : 0][s >> 1]! += 1;
    for (const s of members) if ((s & 1) === 0) before[s >> 1]! += 0.5;
    for (const s of members) {
      if ((s & 1) === 0) continue;
      const row = (s >> 1) * writerCount;
      for (let w = 0; w < writerCount; w++) wins[row + w]! += before[w]!;
    }
    for (const s of members) if ((s & 1) === 0) before[s >> 1]! += 0.5;
  }

  return (weights) => {
    let [sum, g, f] = [0, 0, 0];
    for (let v = 0; v < writerCount; v++) {
      g += weights[v]! * total[0][v]!;
      f += weights[v]! * total[1][v]!;
      if (weights[v] === 0) continue;
      let row = 0;
      for (let w = 0; w < writerCount; w++) row += weights[w]! * wins[v * writerCount + w]!;
      sum += weights[v]! * row;
    }
    return sum / (g * f);
  };
}
