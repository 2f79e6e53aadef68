/** The errors of each writer: who is easy to forge, who signs unsteadily. */
import { countAccepted } from './error-rates.js';
import { perWriterEers } from './error-report.js';
import type { GroupedDistances } from './weighted-rates.js';

/** Rates 0 .. 1, one reference, skilled forgeries; null where the writer has no such pairs. */
export interface WriterErrors {
  readonly writer: string;
  /** Genuine pairs with a failed image included, forged ones not. */
  readonly genuinePairs: number;
  readonly skilledPairs: number;
  /** At the one threshold that suits this writer best. */
  readonly eer: number | null;
  /** At the threshold of all, fixed beforehand. */
  readonly far: number | null;
  readonly frr: number | null;
}

/** @param writers - names; `writer` of the tables indexes this list. @returns one row each, in their order */
export function reportWriters(
  genuine: GroupedDistances,
  skilled: GroupedDistances,
  writers: readonly string[],
  threshold: number,
): WriterErrors[] {
  const eers = new Map(perWriterEers(genuine, skilled, writers.length).map(({ writer, eer }) => [writer, eer]));
  return writers.map((name, index) => {
    const of = ({ distance, writer }: GroupedDistances) => distance.filter((_, m) => writer[m] === index);
    const [g, f] = [of(genuine), of(skilled)];
    return {
      writer: name,
      genuinePairs: g.length,
      skilledPairs: f.length,
      eer: eers.get(index) ?? null,
      far: f.length > 0 ? countAccepted(f, threshold) / f.length : null,
      frr: g.length > 0 ? 1 - countAccepted(g, threshold) / g.length : null,
    };
  });
}
