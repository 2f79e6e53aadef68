/** All the measures of one kind of forgery against the genuine pairs. */
import { type BootstrapOptions, bootstrapIntervals, type Interval } from './bootstrap.js';
import { type DetCurve, detCurve } from './curves.js';
import {
  areaUnderCurve,
  countAccepted,
  type EqualErrorRate,
  equalErrorRate,
  type FrrAtFar,
  frrAtFar,
} from './error-rates.js';
import type { GroupedDistances } from './weighted-rates.js';

/** A rate, 0 .. 1, with its 95 % interval over writers; null where there are fewer than two writers. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval | null;
}

/** A rate that counts errors among pairs. */
export interface CountedRate extends Estimate {
  readonly errors: number;
  readonly pairs: number;
}

export interface ErrorReport {
  /** At the threshold fixed beforehand. */
  readonly far: CountedRate;
  readonly frr: CountedRate;
  /** `threshold` is where the test pairs themselves balance: for comparison, not for use. */
  readonly eer: Estimate & { readonly threshold: number };
  readonly auc: Estimate;
  /** At FAR 1 % and 0.1 %. */
  readonly frrAtFar: readonly FrrAtFar[];
  /** EER with a threshold of each writer's own, over the writers who have both kinds of pairs; null for none. */
  readonly perWriterEer: {
    readonly mean: number;
    readonly deviation: number;
    readonly worst: number;
    readonly writers: number;
  } | null;
  readonly resamples: number;
  readonly det: DetCurve;
}

export function reportErrors(
  genuine: GroupedDistances,
  forged: GroupedDistances,
  options: BootstrapOptions,
): ErrorReport {
  const intervals = bootstrapIntervals(genuine, forged, options);
  const [g, f] = [genuine.distance, forged.distance];
  const falseAccepts = countAccepted(f, options.threshold);
  const falseRejections = g.length - countAccepted(g, options.threshold);
  const { eer, threshold } = equalErrorRate(g, f);
  return {
    far: counted(falseAccepts, f.length, intervals?.far),
    frr: counted(falseRejections, g.length, intervals?.frr),
    eer: { value: eer, interval: intervals?.eer ?? null, threshold },
    auc: { value: areaUnderCurve(g, f), interval: intervals?.auc ?? null },
    frrAtFar: [frrAtFar(g, f, 0.01), frrAtFar(g, f, 0.001)],
    perWriterEer: spread(perWriterEers(genuine, forged, options.writerCount).map(({ eer }) => eer)),
    resamples: intervals?.resamples ?? 0,
    det: detCurve(g, f),
  };
}

/** EER of every writer who has both genuine and forged pairs. */
export function perWriterEers(
  genuine: GroupedDistances,
  forged: GroupedDistances,
  writerCount: number,
): (EqualErrorRate & { writer: number })[] {
  const g = splitByWriter(genuine, writerCount);
  const f = splitByWriter(forged, writerCount);
  return Array.from({ length: writerCount }, (_, writer) => writer)
    .filter((writer) => g[writer]!.length > 0 && f[writer]!.length > 0)
    .map((writer) => ({ writer, ...equalErrorRate(g[writer]!, f[writer]!) }));
}

/** The distances of every writer, in one pass. */
function splitByWriter({ distance, writer }: GroupedDistances, writerCount: number): Float64Array[] {
  const lengths = new Uint32Array(writerCount);
  for (const w of writer) lengths[w]!++;
  const own = Array.from(lengths, (length) => new Float64Array(length));
  lengths.fill(0);
  for (let m = 0; m < writer.length; m++) {
    const w = writer[m]!;
    own[w]![lengths[w]!++] = distance[m]!;
  }
  return own;
}

function counted(errors: number, pairs: number, interval: Interval | undefined): CountedRate {
  return { value: errors / pairs, interval: interval ?? null, errors, pairs };
}

function spread(values: readonly number[]): ErrorReport['perWriterEer'] {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance), worst: Math.max(...values), writers: values.length };
}
