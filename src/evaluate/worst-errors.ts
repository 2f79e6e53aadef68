/** The wrong decisions that lie farthest from the threshold: what a person should look at first. */
import { accepts } from './error-rates.js';
import type { EmbeddedSamples, PairTable } from './pairs.js';

export interface ComparedPair {
  /** The writer claimed. */
  readonly writer: string;
  /** Ids of the two samples. */
  readonly reference: string;
  readonly questioned: string;
  readonly distance: number;
}

export interface WorstErrors {
  /** Skilled forgeries accepted, the closest first. */
  readonly falseAccepts: readonly ComparedPair[];
  /** Genuine signatures rejected, the farthest first. */
  readonly falseRejections: readonly ComparedPair[];
}

const SHOWN = 8;
/** One bad writer, or one bad picture, must not fill the list. */
const OF_ONE_WRITER = 2;

/** At most 8 of each kind, at most 2 of one writer, no image twice in a list; pairs with a failed image are in none. */
export function findWorstErrors(
  genuine: PairTable,
  skilled: PairTable,
  samples: EmbeddedSamples['samples'],
  threshold: number,
): WorstErrors {
  const rows = ({ distance }: PairTable) => [...distance.keys()].filter((m) => distance[m] !== Infinity);
  const accepted = rows(skilled).filter((m) => accepts(skilled.distance[m]!, threshold));
  const rejected = rows(genuine).filter((m) => !accepts(genuine.distance[m]!, threshold));
  accepted.sort((a, b) => skilled.distance[a]! - skilled.distance[b]!);
  rejected.sort((a, b) => genuine.distance[b]! - genuine.distance[a]!);
  return {
    falseAccepts: firstOfMany(accepted, skilled, samples),
    falseRejections: firstOfMany(rejected, genuine, samples),
  };
}

function firstOfMany(
  ordered: readonly number[],
  { distance, reference, questioned }: PairTable,
  samples: EmbeddedSamples['samples'],
): ComparedPair[] {
  const chosen: ComparedPair[] = [];
  const seen = new Set<string>();
  for (const m of ordered) {
    const [a, b] = [samples[reference[m]!]!, samples[questioned[m]!]!];
    if (seen.has(a.id) || seen.has(b.id)) continue;
    if (chosen.filter(({ writer }) => writer === a.writer).length === OF_ONE_WRITER) continue;
    chosen.push({ writer: a.writer, reference: a.id, questioned: b.id, distance: distance[m]! });
    seen.add(a.id).add(b.id);
    if (chosen.length === SHOWN) break;
  }
  return chosen;
}
