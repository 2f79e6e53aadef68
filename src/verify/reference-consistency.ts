/**
 * Does a new reference fit the writer's others? It is held against them as a questioned signature is: what the model
 * would rather take for a forgery is left to a person.
 */
import { accepts } from '../evaluate/error-rates.js';
import { inWords } from '../evaluate/likelihood-ratio.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { compareEmbeddings } from './comparison.js';

/** Why a reference was questioned. */
export interface Doubt {
  readonly modelId: string;
  /** To the others, fused by the model's rule. */
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
  /** [D]. */
  readonly embedding: Float32Array;
}

/** The facts of a model that are asked here. */
export type JudgingModel = Pick<ModelMetadata, 'id' | 'threshold' | 'similarity' | 'calibration'>;

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
      .map((candidate) => ({ id: candidate.id, ...holdAgainst(othersOf(candidate, left), candidate, model) }))
      .filter(({ doubt }) => doubt !== undefined);
    if (misfits.length === 0) return doubts;
    const worst = Math.max(...misfits.map(({ distance }) => distance));
    for (const { id, distance, doubt } of misfits) if (distance === worst) doubts.set(id, doubt!);
  }
}

/**
 * Whether one reference fits others.
 *
 * @param others - one or more
 * @returns its fused distance to them, and the doubt where it does not
 */
export function holdAgainst(
  others: readonly Candidate[],
  candidate: Candidate,
  model: JudgingModel,
): { readonly distance: number; readonly doubt?: Doubt } {
  const { id: modelId, threshold } = model;
  const {
    distances,
    distance,
    logLikelihoodRatio: ratio,
  } = compareEmbeddings(
    model,
    others.map(({ embedding }) => embedding),
    candidate.embedding,
  );
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
      reason: `It does not fit the writer's other references: distance ${distance.toFixed(3)} to ${others.length === 1 ? 'one' : others.length} of them${than}.`,
    },
  };
}

/** All but the reference itself. */
export const othersOf = <Other extends Candidate>({ id }: Candidate, all: readonly Other[]): Other[] =>
  all.filter((other) => other.id !== id);
