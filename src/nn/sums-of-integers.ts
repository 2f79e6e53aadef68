/**
 * Sums of two maps in a quantised network: integers a and b stand for S_a (a - Z_a) and S_b (b - Z_b), and their sum is
 * kept as the integer nearest to
 *
 *     y = Z_y + S_a / S_y (a - Z_a) + S_b / S_y (b - Z_b)
 *
 * in float32. Where two integers give a y that lies at k + 1/2, the last bit decides between k and k + 1, and it is another
 * where a processor multiplies and adds in one step, or in the WebAssembly of a browser; as each of a few hundred pixels of a
 * late map counts, distances of signatures then differ by thousandths. There are 65,536 pairs of integers, and a range of
 * the sum, a little wider than measured, at which none of them is near such a value.
 */
import type { EmbeddingNetwork } from './network.js';
import { type Range, type Ranges, type Steps, stepsOver } from './quantize.js';

/** How far from k + 1/2 every sum of two integers is: a few times the last bit of a float32 around 255. */
const MARGIN = 2 ** -14;

/** A range is tried that is wider by this share, and again. */
const GROWTH = 1e-5;
const MOST_TRIALS = 5000;

/**
 * @param network - of standard operators
 * @returns the ranges, those of sums as little wider as no last bit decides
 */
export function settleSums({ graph }: EmbeddingNetwork, ranges: Ranges): Map<string, Range> {
  const settled = new Map(ranges);
  for (const { op, inputs, outputs } of graph.nodes) {
    const name = outputs[0]!.name;
    const range = settled.get(name);
    if (op !== 'Add' || range === undefined) continue;
    const [a, b] = inputs.map((input) => stepsOver(settled.get(input.name)!)); // of sums before it, as they were settled
    settled.set(name, settledRange(range, a!, b!));
  }
  return settled;
}

/** @returns the range as it is where no wider one helps */
function settledRange(range: Range, a: Steps, b: Steps): Range {
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    const factor = 1 + trial * GROWTH;
    const wider = { min: range.min * factor, max: range.max * factor };
    if (isSettled(a, b, stepsOver(wider))) return wider;
  }
  return range;
}

/** @returns whether every sum of two integers is off the boundaries between two others */
export function isSettled(a: Steps, b: Steps, sum: Steps): boolean {
  const [ofA, ofB] = [a, b].map(({ scale }) => Math.fround(scale / sum.scale)) as [number, number];
  for (let m = 0; m <= 255; m++) {
    const start = sum.zeroPoint + ofB * (m - b.zeroPoint) - ofA * a.zeroPoint;
    for (let n = 0; n <= 255; n++) {
      const y = start + ofA * n;
      if (y > 0 && y < 255 && Math.abs(y - Math.floor(y) - 0.5) < MARGIN) return false;
    }
  }
  return true;
}
