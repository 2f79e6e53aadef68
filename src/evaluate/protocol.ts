/**
 * Judges embeddings of unseen writers by one protocol: one reference, one threshold for all writers that was fixed
 * beforehand. Skilled and random forgeries apart; intervals by bootstrap over writers.
 */
import { CountersignError } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import type { Sample } from '../data/dataset.js';
import type { Protocol } from '../data/protocol.js';
import type { Evidence } from '../nn/calibration-metadata.js';
import type { LeakProbe } from './audit-run.js';
import type { Calibration } from './calibration.js';
import { judgePairs, withoutFailures } from './judge-pairs.js';
import { checkPromises } from './kept-promises.js';
import { type EmbeddedSamples, genuinePairs, randomForgeryPairs, skilledForgeryPairs, writerNames } from './pairs.js';
import type { Provenance } from './provenance.js';
import { evaluateReferenceSets } from './references.js';
import type { EvaluationReport } from './report.js';
import { findWorstErrors } from './worst-errors.js';

type SampleFacts = Pick<Sample, 'id' | 'writer' | 'identity' | 'kind'>;

/** An image that gave no embedding. */
export interface FailedSample {
  readonly sample: SampleFacts;
  /** Why, as an error code: `IMAGE_BLANK`. */
  readonly code: string;
}

export interface ProtocolInput extends EmbeddedSamples {
  /** For example `bhsig260-hindi/published`. */
  readonly protocol: string;
  readonly dataset: string;
  readonly modelId: string;
  readonly input: Protocol['input'];
  /** Data sets that the model learnt from. */
  readonly learntFrom: readonly string[] | null;
  /** [N] test samples, none of a writer seen in training; one embedding row each. */
  readonly samples: readonly SampleFacts[];
  /** Test samples whose image failed; they count, see FAILURE_RULE. */
  readonly failures?: readonly FailedSample[];
  /** Fixed before the test pairs were seen, and where: `EER of 8 validation writers of bhsig260-hindi`. */
  readonly threshold: { readonly value: number; readonly source: string };
  /** Fitted before the test pairs were seen; null where there is none. */
  readonly calibration: Calibration | null;
  /** Of the model file, one reference, of other writers than are tested: what it promises is held against the test. */
  readonly evidence?: Evidence | undefined;
  readonly rng: Rng;
  /** Published numbers of pairs, asserted. */
  readonly expectedPairs?: Protocol['pairs'];
  /** Draws pairs instead of taking all; the notebook twin's protocol draws 276 genuine and 288 forged per writer. */
  readonly samplePerWriter?: Protocol['samplePerWriter'];
  /** Sizes and draws of the reference sets; without it there are none. */
  readonly references?: Protocol['references'];
  /** What the leak probe says of the same writers. */
  readonly leak?: LeakProbe | null;
  readonly provenance?: Provenance;
  /** Bootstrap resamples, default 2,000. */
  readonly resamples?: number;
}

/**
 * @throws PROTOCOL_MISMATCH when the number of pairs is not the published one; DATASET_TOO_FEW_SAMPLES,
 *   DATASET_NO_FORGERIES when there is nothing to compare; MODEL_INVALID for an embedding with NaN;
 *   INVALID_ARGUMENT when embeddings and samples do not fit
 */
export function evaluateProtocol(input: ProtocolInput): EvaluationReport {
  const { threshold, rng, failures = [], samplePerWriter, references } = input;
  requireRowPerSample(input);
  const samples = [...input.samples, ...failures.map(({ sample }) => sample)];
  const { embeddings, dimension, distance = 'euclidean' } = input;
  const embedded: EmbeddedSamples = { samples, embeddings, dimension, distance };
  const writers = writerNames(samples);
  const drawn = (label: 'genuine' | 'forged') =>
    samplePerWriter && { perWriter: samplePerWriter[label], rng: rng.fork(`pairs/${label}`) };

  const genuine = genuinePairs(embedded, drawn('genuine'));
  const allSkilled = skilledForgeryPairs(embedded, drawn('forged'));
  const allRandom = randomForgeryPairs(embedded, rng.fork('random'));
  requirePublishedPairs(input, genuine.distance.length, allSkilled.distance.length);
  const { pairs, failedPairs, ...judged } = judgePairs({
    genuine,
    skilled: allSkilled,
    random: allRandom,
    writers,
    threshold,
    calibration: input.calibration,
    rng,
    resamples: input.resamples,
  });
  return {
    schema: 'countersign/evaluation@1',
    protocol: input.protocol,
    dataset: input.dataset,
    modelId: input.modelId,
    input: input.input,
    learntFrom: input.learntFrom,
    crossSet: input.learntFrom && !input.learntFrom.includes(input.dataset),
    distance,
    counts: {
      writers: writers.length,
      genuineSamples: samples.filter(({ kind }) => kind === 'genuine').length,
      forgedSamples: samples.filter(({ kind }) => kind === 'forged').length,
      ...pairs,
    },
    pairsDrawnPerWriter: samplePerWriter ?? null,
    failures: {
      images: failures.length,
      share: failures.length / samples.length,
      byCode: countCodes(failures),
      ...failedPairs,
    },
    ...judged,
    worst: findWorstErrors(genuine, allSkilled, samples, threshold.value),
    operatingPoints:
      input.evidence === undefined
        ? null
        : checkPromises(input.evidence, withoutFailures(allSkilled), { writerCount: writers.length, rng }),
    leak: input.leak ?? null,
    references: references
      ? evaluateReferenceSets(embedded, { ...references, threshold: threshold.value, rng: rng.fork('k') })
      : [],
    provenance: input.provenance ?? null,
  };
}

function requireRowPerSample({ samples, embeddings, dimension }: ProtocolInput): void {
  if (embeddings.length === samples.length * dimension) return;
  throw new CountersignError(
    'INVALID_ARGUMENT',
    `Expected embeddings [${samples.length}, ${dimension}], one row per sample; ${embeddings.length} numbers came.`,
  );
}

function requirePublishedPairs(
  { protocol, expectedPairs, samplePerWriter }: ProtocolInput,
  g: number,
  f: number,
): void {
  if (expectedPairs === undefined || samplePerWriter !== undefined) return;
  const { genuineGenuine, genuineForged } = expectedPairs;
  if (g === genuineGenuine && f === genuineForged) return;
  throw new CountersignError(
    'PROTOCOL_MISMATCH',
    `${protocol} has ${genuineGenuine} genuine-genuine and ${genuineForged} genuine-forged pairs; this data set gives ${g} and ${f}.`,
    { details: { protocol, expected: expectedPairs, found: { genuineGenuine: g, genuineForged: f } } },
  );
}

function countCodes(failures: readonly FailedSample[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of failures) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
