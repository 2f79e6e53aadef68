/**
 * Does a new reference fit the writer's others? It is held against them as a questioned signature is: what the model
 * would rather take for a forgery is left to a person.
 */
import { accepts } from '../evaluate/error-rates.js';
import { inWords, logLikelihoodRatio } from '../evaluate/likelihood-ratio.js';
import { euclideanDistance } from '../metric/distances.js';
import { FUSIONS, mutualDistances } from '../metric/fusion.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { fusionOf } from './comparison.js';

/** Why a reference was questioned. */
export interface Doubt {
  readonly modelId: string;
  /** Of the others to it, fused. */
  readonly distance: number;
  /** Of a model without calibration. */
  readonly threshold: number | null;
  /** log10, genuine against skilled forgery; null in a model without calibration. */
  readonly logLikelihoodRatio: number | null;
  /** To each of the others, by its id. */
  readonly distances: Readonly<Record<string, number>>;
  /** In words. */
  readonly reason: string;
}

export interface Candidate {
  readonly id: string;
  /** [D], norm 1. */
  readonly embedding: Float32Array;
}

/** The facts of a model that are asked here. */
export type JudgingModel = Pick<ModelMetadata, 'id' | 'threshold' | 'calibration'>;

/**
 * The new references that do not fit. The one that fits least is taken out before the others are held against what is
 * left, so that one stray does not make doubtful those it is compared with; of two that do not fit each other, and
 * nothing else to tell by, both are questioned.
 *
 * @param known - enrolled before; they are not questioned again
 * @returns by id
 */
export function findMisfits(
  known: readonly Candidate[],
  added: readonly Candidate[],
  model: JudgingModel,
): ReadonlyMap<string, Doubt> {
  const doubts = new Map<string, Doubt>();
  while (true) {
    const left = [...known, ...added].filter(({ id }) => !doubts.has(id));
    if (left.length < 2) return doubts;
    const misfits = added
      .filter(({ id }) => !doubts.has(id))
      .map((candidate) => ({ id: candidate.id, ...judge(candidate, left, model) }))
      .filter(({ doubt }) => doubt !== undefined);
    if (misfits.length === 0) return doubts;
    const worst = Math.max(...misfits.map(({ distance }) => distance));
    for (const { id, distance, doubt } of misfits) if (distance === worst) doubts.set(id, doubt!);
  }
}

function judge(
  candidate: Candidate,
  all: readonly Candidate[],
  { id: modelId, threshold, calibration }: JudgingModel,
): { readonly distance: number; readonly doubt?: Doubt } {
  const others = all.filter(({ id }) => id !== candidate.id);
  const distances = others.map((other) => between(candidate, other));
  const distance = FUSIONS[fusionOf({ calibration })].fuse(
    Float64Array.from(distances),
    mutualDistances(others, between),
  );
  const ratio = calibration === undefined ? null : logLikelihoodRatio(distance, others.length, calibration);
  if (ratio === null ? accepts(distance, threshold.value) : ratio >= 0) return { distance };
  const than = ratio === null ? `, over the threshold ${threshold.value.toFixed(3)}` : `: ${inWords(ratio)}`;
  return {
    distance,
    doubt: {
      modelId,
      distance,
      threshold: ratio === null ? threshold.value : null,
      logLikelihoodRatio: ratio,
      distances: Object.fromEntries(others.map(({ id }, i) => [id, distances[i]!])),
      reason: `It does not fit the writer's other references: distance ${distance.toFixed(3)} to ${others.length} of them${than}.`,
    },
  };
}

const between = ({ embedding: a }: Candidate, { embedding: b }: Candidate) => euclideanDistance(a, 0, b, 0, a.length);
