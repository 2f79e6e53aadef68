/** Whose signature is this? Enrolled writers, ranked as a decision would compare the signature with each of them. */
import type { DecodeLimits } from '../image/decode-limits.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import type { ImageSource } from '../runtime/types.js';
import { requireActiveModel } from '../store/active-model.js';
import { type AuditEntry, appendAudit } from '../store/audit-log.js';
import { candidateWriters, prepareCandidates } from '../store/candidates.js';
import type { WriterEmbeddings } from '../store/reference-embeddings.js';
import type { Store } from '../store/store.js';
import { compareEmbeddings } from '../verify/comparison.js';
import type { Problem } from '../verify/result.js';
import { chooseThresholds } from '../verify/thresholds.js';
import { prepareQuestioned } from './questioned.js';

export interface Candidate {
  /** The operator's number. */
  readonly writer: string;
  readonly writerId: string;
  /** To all references of the writer, fused by the model's rule. */
  readonly distance: number;
  /** log10; against a skilled forgery of this one writer, not against all the others. */
  readonly logLikelihoodRatio: number | null;
  readonly similarity: number;
  readonly referenceCount: number;
  /** Whether the model's own threshold accepts it. */
  readonly withinThreshold: boolean;
}

export interface Identification {
  /** The nearest first; none where the image shows no signature or no writer is ready. */
  readonly candidates: readonly Candidate[];
  /** Why the image shows no signature. */
  readonly problem: Problem | null;
  readonly modelId: string;
  readonly timingMs: number;
}

export interface IdentifyOptions {
  /** Candidates to name. */
  readonly limit: number;
  /** Compare with all writers, though there is an index. */
  readonly exact?: boolean;
  /** Writers who were taken into the index so far, where it has to be made. */
  readonly onIndex?: (done: number) => void;
  /** What the image file may ask of this machine. */
  readonly limits?: DecodeLimits | undefined;
}

/**
 * Writers who are compared with, of those that the index finds: so many more than are named that none of these is missed,
 * since the index knows writers by the mean of their references alone. `bench/identify.mjs` measures it.
 */
const LEAST_COMPARED = 25;
const COMPARED_EACH = 5;

/**
 * @throws CountersignError IMAGE_* for a file that cannot be read, MODEL_NOT_ACTIVE, AUDIT_LOG_BROKEN
 *
 * @example
 * const { candidates } = await identify(store, embedder, 'cheque.png', { limit: 5 }, { at, actor: 'ada' });
 * candidates[0]; // { writer: '4711', distance: 0.31, withinThreshold: true, … }
 */
export async function identify(
  store: Store,
  embedder: ModelEmbedder,
  image: ImageSource,
  { limit, exact = false, onIndex, limits }: IdentifyOptions,
  by: Pick<AuditEntry, 'at' | 'actor'>,
): Promise<Identification> {
  const started = performance.now();
  const { database, keys } = store;
  const { metadata, dimension } = embedder;
  const thresholds = chooseThresholds(metadata, {});
  const model = { id: metadata.id, dimension };
  await requireActiveModel(database.orm, metadata.id);
  // The one is work of the pool, the other of the database; neither is left running when the other fails.
  const [questioned, prepared] = await Promise.allSettled([
    prepareQuestioned(embedder, image, limits),
    prepareCandidates(store, { model, exact, onIndex }),
  ]);
  if (questioned.status === 'rejected') throw questioned.reason;
  if (prepared.status === 'rejected') throw prepared.reason;
  const { shown, imageHash } = questioned.value;
  const problem = 'problem' in shown ? shown.problem : null;
  const candidates = 'problem' in shown ? [] : await rank(shown.embedding);
  await database.transaction(async (tx) => {
    await requireActiveModel(tx, metadata.id); // still: else some of its embeddings may have been gone already
    await appendAudit(tx, keys, {
      ...{ ...by, action: 'signature.identified', modelId: metadata.id, imageHashes: [imageHash] },
      subjectIds: candidates.map(({ writerId }) => writerId),
      details: { distances: candidates.map(({ distance }) => distance) },
    });
  });
  return { candidates, problem, modelId: metadata.id, timingMs: performance.now() - started };

  async function rank(embedding: Float32Array): Promise<Candidate[]> {
    const among = candidateWriters(store, embedding, {
      ...{ model, at: by.at, exact },
      count: Math.max(LEAST_COMPARED, COMPARED_EACH * limit),
    });
    let nearest: Candidate[] = [];
    for await (const writers of among) {
      const compared = writers.map((writer) => compare(writer, embedding));
      nearest = [...nearest, ...compared].sort((a, b) => a.distance - b.distance).slice(0, limit);
    }
    return nearest;
  }

  function compare({ writerId, writer, references }: WriterEmbeddings, embedding: Float32Array): Candidate {
    const known = references.map((reference) => reference.embedding);
    const { distance, logLikelihoodRatio, similarity } = compareEmbeddings(metadata, known, embedding);
    const withinThreshold = distance <= thresholds(references.length).acceptUpTo;
    const referenceCount = references.length;
    return { writer, writerId, distance, logLikelihoodRatio, similarity, referenceCount, withinThreshold };
  }
}
