/**
 * k references instead of one: the distances of a questioned signature to k genuine references drawn at random become
 * one distance by a fusion. Questioned are all other genuine signatures, all skilled forgeries, and one genuine
 * signature each of 30 other writers (random forgeries).
 */
import type { Rng } from '../core/rng.js';
import { euclideanDistance } from '../metric/distances.js';
import { FUSIONS, type Fusion, type FusionRule } from '../metric/fusion.js';
import { countAccepted, equalErrorRate } from './error-rates.js';
import { perWriterEers } from './error-report.js';
import {
  type EmbeddedSamples,
  genuineByWriter,
  type IdentityGroup,
  identities,
  RANDOM_FORGERIES_PER_REFERENCE,
} from './pairs.js';
import type { GroupedDistances } from './weighted-rates.js';

export interface ReferenceSetOptions {
  /** Each k, references per identity. */
  readonly counts: readonly number[];
  /** Draws of the references; the figures are means over them. */
  readonly draws: number;
  /** Fixed beforehand, for ONE reference. */
  readonly threshold: number;
  readonly rng: Rng;
}

/** One k and one fusion. Rates 0 .. 1, means over the draws. */
export interface ReferenceSetReport {
  readonly count: number;
  readonly fusion: Fusion;
  readonly draws: number;
  /** At the threshold for one reference; null where the fusion leaves the scale of distances. */
  readonly frrMean: number | null;
  readonly skilled: ReferenceSetErrors;
  /** Null for one writer alone. */
  readonly random: ReferenceSetErrors | null;
  /** Questioned signatures of one draw, the first. */
  readonly questioned: { readonly genuine: number; readonly skilled: number; readonly random: number };
}

/** Of one kind of forgery. */
export interface ReferenceSetErrors {
  /** At the same threshold, null in the same cases. */
  readonly farMean: number | null;
  /** One threshold for all writers. */
  readonly eerMean: number;
  /** Standard deviation of the EER over the draws: the luck of the references, not of the writers. */
  readonly eerDeviation: number;
  /** A threshold of each writer's own: mean over the writers. */
  readonly perWriterEerMean: number;
}

/**
 * Questioned genuine signatures equal to a reference (distance 0: an exact duplicate) are left out. References are drawn
 * among images that could be processed; a questioned genuine one that failed counts as rejected, a forged one is left out.
 *
 * @returns for every k that some writer has more genuine signatures than, one entry for each fusion; k = 1, where all
 *   fusions are the distance itself, has one entry, `mean`. [] where there is nothing to question
 */
export function evaluateReferenceSets(
  embedded: EmbeddedSamples,
  { counts, draws, threshold, rng }: ReferenceSetOptions,
): ReferenceSetReport[] {
  const groups = identities(embedded.samples);
  const writerCount = 1 + groups.reduce((last, { writer }) => Math.max(last, writer), 0);
  return counts.flatMap((count) => {
    const stream = rng.fork(count);
    const rounds = Array.from({ length: draws }, (_, i) => questionOnce(embedded, groups, count, stream.fork(i)));
    if (!rounds.every(({ genuine, skilled }) => genuine.length > 0 && skilled.length > 0)) return [];
    const fusions = count === 1 ? (['mean'] as const) : (Object.keys(FUSIONS) as Fusion[]);
    return fusions.map((fusion) => ({
      count,
      fusion,
      draws,
      ...summarise(rounds, FUSIONS[fusion], { threshold, writerCount }),
    }));
  });
}

/** One questioned signature before a set of references. */
interface Question {
  /** The writer claimed. */
  readonly writer: number;
  /** [k] to each reference. */
  readonly distances: Float64Array;
  /** [k (k - 1) / 2] between the references. */
  readonly mutual: Float64Array;
}

interface Round {
  readonly genuine: readonly Question[];
  readonly skilled: readonly Question[];
  readonly random: readonly Question[];
}

/** One draw of references for every identity, and everything that is questioned. */
function questionOnce(
  { samples, embeddings, dimension }: EmbeddedSamples,
  groups: readonly IdentityGroup[],
  count: number,
  rng: Rng,
): Round {
  const processed = (index: number) => index < embeddings.length / dimension;
  const distance = (a: number, b: number) => euclideanDistance(embeddings, a, embeddings, b, dimension);
  const genuineOf = genuineByWriter(groups);
  const round = { genuine: [] as Question[], skilled: [] as Question[], random: [] as Question[] };
  for (const { writer, genuine, forged } of groups) {
    const candidates = genuine.filter(processed);
    if (candidates.length < count || genuine.length === count) continue;
    const draw = rng.fork(samples[genuine[0]!]!.id);
    const references = draw.sample(candidates, count);
    const mutual = Float64Array.from(references.flatMap((a, i) => references.slice(i + 1).map((b) => distance(a, b))));
    const question = (index: number): Question => ({
      writer,
      distances: Float64Array.from(references, (r) => (processed(index) ? distance(r, index) : Infinity)),
      mutual,
    });
    const others = [...genuineOf.keys()].filter((other) => other !== writer);
    const strangers = draw
      .sample(others, RANDOM_FORGERIES_PER_REFERENCE)
      .map((other) => draw.pick(genuineOf.get(other)!));
    const questioned = genuine.filter((index) => !references.includes(index)).map(question);
    round.genuine.push(...questioned.filter(({ distances }) => !distances.includes(0)));
    round.skilled.push(...forged.filter(processed).map(question));
    round.random.push(...strangers.filter(processed).map(question));
  }
  return round;
}

function summarise(
  rounds: readonly Round[],
  { fuse, keepsScale }: FusionRule,
  { threshold, writerCount }: { readonly threshold: number; readonly writerCount: number },
): Pick<ReferenceSetReport, 'frrMean' | 'skilled' | 'random' | 'questioned'> {
  const fused = (questions: readonly Question[]): GroupedDistances => ({
    distance: Float64Array.from(questions, ({ distances, mutual }) => fuse(distances, mutual)),
    writer: Uint32Array.from(questions, ({ writer }) => writer),
  });
  const acceptedShare = (tables: readonly GroupedDistances[]) =>
    mean(tables.map(({ distance }) => countAccepted(distance, threshold) / distance.length));
  const genuine = rounds.map((round) => fused(round.genuine));
  const errors = (kind: 'skilled' | 'random'): ReferenceSetErrors => {
    const forged = rounds.map((round) => fused(round[kind]));
    const eers = genuine.map((g, i) => equalErrorRate(g.distance, forged[i]!.distance).eer);
    const eerMean = mean(eers);
    return {
      farMean: keepsScale ? acceptedShare(forged) : null,
      eerMean,
      eerDeviation: Math.sqrt(mean(eers.map((eer) => (eer - eerMean) ** 2))),
      perWriterEerMean: mean(
        genuine.map((g, i) => mean(perWriterEers(g, forged[i]!, writerCount).map(({ eer }) => eer))),
      ),
    };
  };
  const first = rounds[0]!;
  return {
    frrMean: keepsScale ? 1 - acceptedShare(genuine) : null,
    skilled: errors('skilled'),
    random: rounds.every(({ random }) => random.length > 0) ? errors('random') : null,
    questioned: { genuine: first.genuine.length, skilled: first.skilled.length, random: first.random.length },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
