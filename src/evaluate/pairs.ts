/**
 * Which embeddings are compared with which. One column per property, one row per pair; genuine, skilled and random
 * pairs are separate tables, because FAR on skilled and on random forgeries are two numbers and never summed.
 */
import { CountersignError } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import type { Sample } from '../data/dataset.js';
import { compareText } from '../data/natural-order.js';
import { ROW_DISTANCES } from '../metric/distances.js';
import type { DistanceName } from '../nn/adapter.js';

/** Samples and their embeddings, row by row. */
export interface EmbeddedSamples {
  /** Samples beyond the last embedding row have none (their image failed): all their distances are +Infinity. */
  readonly samples: readonly (Pick<Sample, 'id' | 'writer' | 'identity' | 'kind'> & {
    /** Where samples of several sets come together: strangers are drawn within one. */
    readonly dataset?: string;
  })[];
  /** [N, D] float32, row-major. */
  readonly embeddings: Float32Array;
  /** D, the length of one embedding. */
  readonly dimension: number;
  /** What rows are compared by; default `euclidean`. */
  readonly distance?: DistanceName;
}

/** The samples that pass the test, with their rows; every sample has an embedding. */
export function selectSamples(
  { samples, embeddings, dimension }: EmbeddedSamples,
  passes: (sample: EmbeddedSamples['samples'][number]) => boolean,
): EmbeddedSamples {
  const rows = samples.flatMap((sample, row) => (passes(sample) ? [row] : []));
  const kept = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => {
    kept.set(embeddings.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  });
  return { samples: rows.map((row) => samples[row]!), embeddings: kept, dimension };
}

/** M pairs. */
export interface PairTable {
  /** [M] distances; +Infinity where an image of the pair failed. */
  readonly distance: Float32Array;
  /** [M] index into `writerNames(samples)`: the writer claimed, over whom the bootstrap resamples. */
  readonly writer: Uint32Array;
  /** [M] index of the reference's sample, always a genuine one. */
  readonly reference: Uint32Array;
  /** [M] index of the questioned sample. */
  readonly questioned: Uint32Array;
}

/** The distinct writers of the samples in order of name; `PairTable.writer` indexes this list. */
export function writerNames(samples: EmbeddedSamples['samples']): string[] {
  return [...new Set(samples.map((sample) => sample.writer))].sort();
}

/** Draws at most `perWriter` pairs of every writer, without replacement, instead of taking all. */
export interface PairSampling {
  readonly perWriter: number;
  readonly rng: Rng;
}

/**
 * All genuine-genuine pairs of every identity: n (n - 1) / 2 for n genuine samples.
 *
 * @throws DATASET_TOO_FEW_SAMPLES when no identity has two genuine samples; MODEL_INVALID for an embedding with NaN
 */
export function genuinePairs(embedded: EmbeddedSamples, sampling?: PairSampling): PairTable {
  const table = compare(embedded, sampling, ({ genuine }) =>
    genuine.flatMap((reference, i) => genuine.slice(i + 1).map((questioned): IndexPair => [reference, questioned])),
  );
  if (table.distance.length > 0) return table;
  throw new CountersignError('DATASET_TOO_FEW_SAMPLES', 'No writer has two genuine signatures to compare.');
}

/**
 * All genuine-forged pairs of every identity: n genuine times m skilled forgeries.
 *
 * @throws DATASET_NO_FORGERIES when no identity has both; MODEL_INVALID for an embedding with NaN
 */
export function skilledForgeryPairs(embedded: EmbeddedSamples, sampling?: PairSampling): PairTable {
  const table = compare(embedded, sampling, ({ genuine, forged }) =>
    genuine.flatMap((reference) => forged.map((questioned): IndexPair => [reference, questioned])),
  );
  if (table.distance.length > 0) return table;
  throw new CountersignError('DATASET_NO_FORGERIES', 'No writer has both genuine signatures and skilled forgeries.');
}

/** Other writers that every reference meets by default: 24 references x 30 = 720 pairs, as many as BHSig260's skilled. */
export const RANDOM_FORGERIES_PER_REFERENCE = 30;

/**
 * Random forgeries: every genuine sample as the reference meets `perReference` strangers (see `drawStrangers`). Draws are forked by the reference's
 * id, so they do not depend on the order of the samples' list beyond that of the names.
 *
 * @returns no rows when there is only one writer
 */
export function randomForgeryPairs(
  embedded: EmbeddedSamples,
  rng: Rng,
  perReference = RANDOM_FORGERIES_PER_REFERENCE,
): PairTable {
  const { samples } = embedded;
  const genuineOf = genuineByWriter(identities(samples));
  return compare(embedded, undefined, ({ genuine }) =>
    genuine.flatMap((reference) => {
      const strangers = drawStrangers(samples, genuineOf, reference, rng.fork(samples[reference]!.id), perReference);
      return strangers.map((stranger): IndexPair => [reference, stranger]);
    }),
  );
}

/**
 * One genuine sample each of `count` other writers of the reference's data set, drawn without replacement; of all of
 * them where there are fewer.
 *
 * @param genuineOf - of `genuineByWriter`
 */
export function drawStrangers(
  samples: EmbeddedSamples['samples'],
  genuineOf: ReadonlyMap<number, readonly number[]>,
  reference: number,
  rng: Rng,
  count = RANDOM_FORGERIES_PER_REFERENCE,
): number[] {
  const { writer, dataset } = samples[reference]!;
  const others = [...genuineOf.values()].filter(([first]) => {
    const other = samples[first!]!;
    return other.writer !== writer && other.dataset === dataset;
  });
  return rng.sample(others, count).map((genuine) => rng.pick(genuine));
}

/** Whether two rows are equal in every component, as those of a file and its copy are; never for a row that is not there. */
export function equalEmbeddings({ embeddings, dimension }: EmbeddedSamples, a: number, b: number): boolean {
  for (let k = 0; k < dimension; k++) {
    const component = embeddings[a * dimension + k];
    if (component === undefined || component !== embeddings[b * dimension + k]) return false;
  }
  return true;
}

/** Indices of one identity's samples. */
export interface IdentityGroup {
  /** Index into `writerNames(samples)`. */
  readonly writer: number;
  readonly genuine: readonly number[];
  readonly forged: readonly number[];
}

/** The samples by identity, ordered by writer, then identity, then sample id: the same whatever order they come in. */
export function identities(samples: EmbeddedSamples['samples']): IdentityGroup[] {
  const writerIndex = new Map(writerNames(samples).map((name, index) => [name, index]));
  const groups = new Map<string, { writer: number; genuine: number[]; forged: number[] }>();
  const order = samples.map((_, index) => index).sort((a, b) => compareText(samples[a]!.id, samples[b]!.id));
  for (const index of order) {
    const { writer, identity, kind } = samples[index]!;
    const key = `${writer}\n${identity}`;
    const group = groups.get(key) ?? { writer: writerIndex.get(writer)!, genuine: [], forged: [] };
    groups.set(key, group);
    group[kind].push(index);
  }
  return [...groups.entries()].sort((a, b) => compareText(a[0], b[0])).map(([, group]) => group);
}

/** Genuine samples of every writer who has any, by index of the writer, in order of it. */
export function genuineByWriter(groups: readonly IdentityGroup[]): ReadonlyMap<number, readonly number[]> {
  const genuineOf = new Map<number, number[]>();
  for (const { writer, genuine } of groups) {
    if (genuine.length > 0) genuineOf.set(writer, [...(genuineOf.get(writer) ?? []), ...genuine]);
  }
  return genuineOf;
}

type IndexPair = readonly [reference: number, questioned: number];

/** Enumerates the pairs of every identity, draws from them writer by writer where asked, and measures them. */
function compare(
  { samples, embeddings, dimension, distance: name = 'euclidean' }: EmbeddedSamples,
  sampling: PairSampling | undefined,
  enumerate: (group: IdentityGroup) => IndexPair[],
): PairTable {
  const between = ROW_DISTANCES[name];
  const rows = requireEmbeddings(samples.length, embeddings, dimension);
  const all: IndexPair[][] = writerNames(samples).map(() => []);
  for (const group of identities(samples)) all[group.writer] = [...all[group.writer]!, ...enumerate(group)];
  const byWriter = sampling ? all.map((pairs, i) => sampling.rng.fork(i).sample(pairs, sampling.perWriter)) : all;
  const count = byWriter.reduce((sum, pairs) => sum + pairs.length, 0);
  const distance = new Float32Array(count);
  const [writer, reference, questioned] = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)];
  let m = 0;
  byWriter.forEach((pairs, writerIndex) => {
    for (const [a, b] of pairs) {
      distance[m] = a < rows && b < rows ? between(embeddings, a, embeddings, b, dimension) : Infinity;
      if (Number.isNaN(distance[m]!)) throw notANumber(samples[a]!.id, samples[b]!.id);
      writer[m] = writerIndex;
      reference[m] = a;
      questioned[m] = b;
      m++;
    }
  });
  return { distance, writer, reference, questioned };
}

function requireEmbeddings(sampleCount: number, embeddings: Float32Array, dimension: number): number {
  const rows = embeddings.length / dimension;
  if (Number.isInteger(rows) && rows <= sampleCount) return rows;
  throw new CountersignError(
    'INVALID_ARGUMENT',
    `Expected embeddings [N, ${dimension}] with N at most the ${sampleCount} samples; ${embeddings.length} numbers came.`,
  );
}

function notANumber(reference: string, questioned: string): CountersignError {
  return new CountersignError(
    'MODEL_INVALID',
    `The distance of the model's embeddings of ${reference} and ${questioned} is not a number.`,
    { details: { reference, questioned } },
  );
}
