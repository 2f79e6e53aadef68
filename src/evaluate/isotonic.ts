/**
 * Isotonic regression of "genuine" on the distance: the best probabilities that never rise with the distance.
 *
 * @see Ayer et al. 1955 (pool adjacent violators); Zadrozny and Elkan 2002 (as calibration)
 */
import { CountersignError } from '../core/errors.js';
import type { Distances } from './error-rates.js';

/** A stretch of distances over which the fitted probability is constant. */
export interface IsotonicBlock {
  /** Greatest distance of a fitted pair in it; the last block's reaches to infinity. */
  readonly upTo: number;
  /** Share of genuine weight in it, 0 .. 1, where genuine and forged pairs weigh the same altogether. */
  readonly probability: number;
  readonly genuine: number;
  readonly forged: number;
}

/**
 * Pairs at one distance are one point; pairs at +Infinity (failed images) carry no evidence and are left out.
 *
 * @returns blocks by distance, ascending; the probability falls strictly from block to block
 * @throws INVALID_ARGUMENT when either class has no finite distance
 */
export function fitIsotonic(genuine: Distances, forged: Distances): IsotonicBlock[] {
  const [g, f] = [finiteSorted(genuine, 'genuine'), finiteSorted(forged, 'forged')];
  const share = (block: { genuine: number; forged: number }) => {
    const own = block.genuine / g.length;
    return own / (own + block.forged / f.length);
  };
  const blocks: { upTo: number; genuine: number; forged: number }[] = [];
  for (let i = 0, j = 0; i < g.length || j < f.length; ) {
    const upTo = Math.min(g[i] ?? Infinity, f[j] ?? Infinity);
    let block = { upTo, genuine: 0, forged: 0 };
    for (; g[i] === upTo; i++) block.genuine++;
    for (; f[j] === upTo; j++) block.forged++;
    while (blocks.length > 0 && share(blocks.at(-1)!) <= share(block)) {
      const before = blocks.pop()!;
      block = { upTo, genuine: before.genuine + block.genuine, forged: before.forged + block.forged };
    }
    blocks.push(block);
  }
  return blocks.map((block) => ({ ...block, probability: share(block) }));
}

function finiteSorted(distances: Distances, kind: string): Float64Array {
  const kept = Float64Array.from(distances).filter(Number.isFinite).sort();
  if (kept.length > 0) return kept;
  throw new CountersignError('INVALID_ARGUMENT', `Calibration needs at least one ${kind} pair; there is none.`);
}
