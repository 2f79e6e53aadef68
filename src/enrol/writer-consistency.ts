/** How far the references of a writer lie from each other, and which of them does not fit. */
import { mutualDistances } from '../metric/fusion.js';
import { requireActiveModel } from '../store/active-model.js';
import { type ShownReference, showWriter } from '../store/list-writers.js';
import { referenceEmbeddings } from '../store/reference-embeddings.js';
import type { Store } from '../store/store.js';
import { distance } from '../verify/comparison.js';
import { type Doubt, holdAgainst, type JudgingModel, othersOf } from '../verify/reference-consistency.js';

export interface WriterConsistency {
  readonly modelId: string;
  /** The model's own, of one distance: two signatures that lie farther apart it takes for two people's. */
  readonly threshold: number;
  /** Those that the model has seen, but for the retired, in the order of their enrolment. */
  readonly references: readonly ConsistentReference[];
  /** [k][k] Euclidean, in the order of `references`; 0 on the diagonal. */
  readonly distances: readonly (readonly number[])[];
  /** Mean of the distances between the enrolled ones, those without a doubt; null with fewer than two. */
  readonly spread: number | null;
}

export interface ConsistentReference extends Pick<ShownReference, 'id' | 'state' | 'doubt' | 'confirmedBy'> {
  /** To the other enrolled ones, fused by the model's rule; null where there is none. */
  readonly distance: number | null;
  /** Why it would be questioned if it came today; `doubt` is why it was, when it came. */
  readonly misfit: Doubt | null;
}

/**
 * @param model - the store's active one
 * @throws CountersignError WRITER_NOT_FOUND, MODEL_NOT_ACTIVE, KEY_MISSING, DECRYPTION_FAILED
 *
 * @example
 * const { distances, references } = await writerConsistency(store, embedder.metadata, '4711', at);
 * distances; // [[0, 0.41, 0.47], [0.41, 0, 0.39], [0.47, 0.39, 0]]
 */
export async function writerConsistency(
  { database, keys }: Store,
  model: JudgingModel,
  externalRef: string,
  at: Date,
): Promise<WriterConsistency> {
  const seen = await database.transaction(async (tx) => {
    await tx.setTransaction({ isolationLevel: 'repeatable read', accessMode: 'read only' });
    await requireActiveModel(tx, model.id);
    const writer = await showWriter(tx, externalRef, at);
    const embedded = await referenceEmbeddings(tx, keys, writer.id, model.id, ['enrolled', 'doubtful']);
    return embedded.map(({ referenceId, embedding }) => {
      const { id, state, doubt, confirmedBy } = writer.references.find(({ id }) => id === referenceId)!;
      return { id, state, doubt, confirmedBy, embedding };
    });
  });
  const enrolled = seen.filter(({ state }) => state === 'enrolled');
  const distances = seen.map((a) => seen.map((b) => (a === b ? 0 : distance(a.embedding, b.embedding))));
  return {
    ...{ modelId: model.id, threshold: model.threshold.value, distances },
    references: seen.map(({ embedding, ...reference }): ConsistentReference => {
      const others = othersOf({ id: reference.id, embedding }, enrolled);
      if (others.length === 0) return { ...reference, distance: null, misfit: null };
      const held = holdAgainst(others, { id: reference.id, embedding }, model);
      return { ...reference, distance: held.distance, misfit: held.doubt ?? null };
    }),
    spread: meanOf(
      mutualDistances(
        enrolled.map(({ embedding }) => embedding),
        distance,
      ),
    ),
  };
}

const meanOf = (values: Float64Array) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
