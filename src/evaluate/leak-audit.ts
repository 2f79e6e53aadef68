/**
 * How far a benchmark can be solved without looking at a signature. Pairs are judged by numbers that hold no shape (see
 * image/surface.ts): by each alone, and by a logistic regression on the differences of all of them, fitted on other
 * writers than it is tested on. A verifier that is not clearly better than this probe has shown nothing.
 */
import type { Rng } from '../core/rng.js';
import type { Sample } from '../data/dataset.js';
import { SURFACE_FACTS, type SurfaceFacts } from '../image/surface.js';
import { areaUnderCurve, equalErrorRate, maxBalancedAccuracy } from './error-rates.js';
import { fitLogistic, logOdds } from './logistic-regression.js';
import { type EmbeddedSamples, genuinePairs, identities, skilledForgeryPairs, writerNames } from './pairs.js';

type SampleFacts = Pick<Sample, 'id' | 'writer' | 'identity' | 'kind'>;

/** Samples and what their pictures say without their shape, row by row. */
export interface SurfaceSamples {
  readonly samples: readonly SampleFacts[];
  readonly facts: readonly SurfaceFacts[];
}

/** A pair is called genuine when its two numbers are near to each other. Rates are 0 .. 1. */
export interface FactLeak {
  readonly fact: keyof SurfaceFacts;
  readonly auc: number;
  readonly eer: number;
  /** At the best threshold for these very pairs. */
  readonly balancedAccuracy: number;
}

/** @returns one entry a number, over all genuine and all skilled pairs; null where there are none of one kind */
export function auditFacts({ samples, facts }: SurfaceSamples): FactLeak[] | null {
  if (!hasBothKinds(samples)) return null;
  return SURFACE_FACTS.map((fact) => {
    const embeddings = Float32Array.from(facts, (row) => row[fact]);
    const embedded: EmbeddedSamples = { samples, embeddings, dimension: 1 };
    const [genuine, forged] = [genuinePairs(embedded).distance, skilledForgeryPairs(embedded).distance];
    return {
      fact,
      auc: areaUnderCurve(genuine, forged),
      eer: equalErrorRate(genuine, forged).eer,
      balancedAccuracy: maxBalancedAccuracy(genuine, forged).balancedAccuracy,
    };
  });
}

export interface ProbeResult {
  readonly eer: number;
  readonly auc: number;
  readonly fittedWriters: number;
  readonly testWriters: number;
}

/**
 * The probe: |differences| of the numbers of a pair, a logistic regression on the pairs of some writers, tested on the
 * pairs of others. Null where either part has no genuine or no skilled pair.
 *
 * @param facts - which numbers it may see; without the greys of bilevel sets, say
 */
export function probe(
  fitted: SurfaceSamples,
  test: SurfaceSamples,
  facts: readonly (keyof SurfaceFacts)[] = SURFACE_FACTS,
): ProbeResult | null {
  if (!hasBothKinds(fitted.samples) || !hasBothKinds(test.samples)) return null;
  const [fit, judged] = [differences(fitted, facts), differences(test, facts)];
  const model = fitLogistic(fit.rows, facts.length, fit.isGenuine);
  const scores = logOdds(model, judged.rows);
  const distances = (kind: number) => scores.filter((_, m) => judged.isGenuine[m] === kind).map((z) => -z);
  const [genuine, forged] = [distances(1), distances(0)];
  return {
    eer: equalErrorRate(genuine, forged).eer,
    auc: areaUnderCurve(genuine, forged),
    fittedWriters: countWriters(fitted),
    testWriters: countWriters(test),
  };
}

/**
 * Mean and spread of the probe over random halves of the writers who have both genuine and skilled pairs; null for fewer
 * than four of them.
 */
export function probeRandomSplits(
  all: SurfaceSamples,
  { splits, rng }: { readonly splits: number; readonly rng: Rng },
): { readonly eerMean: number; readonly eerDeviation: number; readonly splits: number } | null {
  const writers = writerNames(all.samples).filter((name) =>
    hasBothKinds(all.samples.filter(({ writer }) => writer === name)),
  );
  if (writers.length < 4) return null;
  const eers = Array.from({ length: splits }, (_, split) => {
    const [first, second] = [new Set<string>(), new Set<string>()];
    rng
      .fork(split)
      .shuffle(writers)
      .forEach((writer, i) => {
        (i < Math.floor(writers.length / 2) ? first : second).add(writer);
      });
    const [fitted, test] = [first, second].map((half) => partOf(all, (writer) => half.has(writer)));
    return probe(fitted!, test!)!.eer;
  });
  const eerMean = eers.reduce((sum, eer) => sum + eer, 0) / splits;
  const variance = eers.reduce((sum, eer) => sum + (eer - eerMean) ** 2, 0) / Math.max(1, splits - 1);
  return { eerMean, eerDeviation: Math.sqrt(variance), splits };
}

/** Some identity has two genuine signatures, and some has a genuine and a forged one. */
function hasBothKinds(samples: readonly SampleFacts[]): boolean {
  const counts = identities(samples).map(({ genuine, forged }) => [genuine.length, forged.length] as const);
  return counts.some(([g]) => g >= 2) && counts.some(([g, f]) => g >= 1 && f >= 1);
}

export function partOf({ samples, facts }: SurfaceSamples, isIn: (writer: string) => boolean): SurfaceSamples {
  const kept = samples.map(({ writer }) => isIn(writer));
  return { samples: samples.filter((_, i) => kept[i]), facts: facts.filter((_, i) => kept[i]) };
}

function differences({ samples, facts }: SurfaceSamples, columns: readonly (keyof SurfaceFacts)[]) {
  const embedded: EmbeddedSamples = { samples, embeddings: new Float32Array(samples.length), dimension: 1 };
  const tables = [genuinePairs(embedded), skilledForgeryPairs(embedded)];
  const count = tables.reduce((sum, { distance }) => sum + distance.length, 0);
  const rows = new Float64Array(count * columns.length);
  const isGenuine = new Uint8Array(count);
  let m = 0;
  tables.forEach(({ reference, questioned }, kind) => {
    for (let pair = 0; pair < reference.length; pair++, m++) {
      const [a, b] = [facts[reference[pair]!]!, facts[questioned[pair]!]!];
      columns.forEach((fact, k) => {
        rows[m * columns.length + k] = Math.abs(a[fact] - b[fact]);
      });
      isGenuine[m] = kind === 0 ? 1 : 0;
    }
  });
  return { rows, isGenuine };
}

function countWriters({ samples }: SurfaceSamples): number {
  return new Set(samples.map(({ writer }) => writer)).size;
}
