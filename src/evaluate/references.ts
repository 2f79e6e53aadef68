/**
 * k references instead of one: the distances of a questioned signature to k genuine references drawn at random become
 * one distance by a fusion. Questioned are all other genuine signatures, all skilled forgeries, and one genuine
 * signature each of 30 other writers (random forgeries).
 */
import type { Rng } from '../core/rng.js';
import { FUSIONS, type FusionRule } from '../metric/fusion.js';
import type { Fusion } from '../nn/calibration-metadata.js';
import { countAccepted, equalErrorRate } from './error-rates.js';
import { perWriterEers } from './error-report.js';
import { type EmbeddedSamples, type IdentityGroup, identities } from './pairs.js';
import { type QuestionedKind, questionReferences } from './question-references.js';
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
 * Questioned genuine signatures whose embedding equals that of a reference (an exact duplicate) are left out. References are drawn
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
    if (!rounds.every(({ genuine, skilled }) => genuine.writer.length > 0 && skilled.writer.length > 0)) return [];
    const fusions = count === 1 ? (['mean'] as const) : RULES.map(([fusion]) => fusion);
    return fusions.map((fusion) => ({
      count,
      fusion,
      draws,
      ...summarise(rounds, fusion, { threshold, writerCount }),
    }));
  });
}

/** What was questioned in one draw, by kind: a row for each signature. */
type Round = Readonly<Record<QuestionedKind, FusedDistances>>;

interface FusedDistances {
  /** The writer claimed. */
  readonly writer: number[];
  readonly distance: Readonly<Record<Fusion, number[]>>;
}

const RULES = Object.entries(FUSIONS) as [Fusion, FusionRule][];

/** One draw, each questioned signature by every fusion. */
function questionOnce(embedded: EmbeddedSamples, groups: readonly IdentityGroup[], count: number, rng: Rng): Round {
  const round: Round = { genuine: noDistances(), skilled: noDistances(), random: noDistances() };
  questionReferences(embedded, groups, count, rng, ({ kind, writer, distances, mutual }) => {
    round[kind].writer.push(writer);
    for (const [fusion, { fuse }] of RULES) round[kind].distance[fusion].push(fuse(distances, mutual));
  });
  return round;
}

function noDistances(): FusedDistances {
  return { writer: [], distance: { mean: [], min: [], energy: [] } };
}

function summarise(
  rounds: readonly Round[],
  fusion: Fusion,
  { threshold, writerCount }: { readonly threshold: number; readonly writerCount: number },
): Pick<ReferenceSetReport, 'frrMean' | 'skilled' | 'random' | 'questioned'> {
  const tables = (kind: keyof Round): GroupedDistances[] =>
    rounds.map((round) => ({
      distance: new Float64Array(round[kind].distance[fusion]),
      writer: new Uint32Array(round[kind].writer),
    }));
  const { keepsScale } = FUSIONS[fusion];
  const acceptedShare = (draws: readonly GroupedDistances[]) =>
    mean(draws.map(({ distance }) => countAccepted(distance, threshold) / distance.length));
  const genuine = tables('genuine');
  const errors = (kind: 'skilled' | 'random'): ReferenceSetErrors => {
    const forged = tables(kind);
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
  const questioned = (kind: keyof Round) => rounds[0]![kind].writer.length;
  return {
    frrMean: keepsScale ? 1 - acceptedShare(genuine) : null,
    skilled: errors('skilled'),
    random: rounds.every(({ random }) => random.writer.length > 0) ? errors('random') : null,
    questioned: { genuine: questioned('genuine'), skilled: questioned('skilled'), random: questioned('random') },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
