/** Whose signature is this? The enrolled writers whose references lie nearest, ranked as a decision would compare them. */
import type { DecodeLimits } from '../image/decode-limits.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import type { ImageSource } from '../runtime/types.js';
import { requireActiveModel } from '../store/active-model.js';
import { type AuditEntry, appendAudit } from '../store/audit-log.js';
import { nearestReferences } from '../store/nearest-references.js';
import { embeddingsOfWriters } from '../store/reference-embeddings.js';
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
  /** Look through all references, though there is an index. */
  readonly exact?: boolean;
  /** References that were taken into the index so far, where it has to be made. */
  readonly onIndex?: (done: number) => void;
  /** What the image file may ask of this machine. */
  readonly limits?: DecodeLimits | undefined;
}

/** References that candidates are sought among, some of one writer, and more candidates than are named: fusing may change their order. */
const NEIGHBOURS = 100;
const NEIGHBOURS_EACH = 5;
const RANKED = 20;

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
  await requireActiveModel(database.orm, metadata.id);
  const { shown, imageHash } = await prepareQuestioned(embedder, image, limits);
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
    const model = { id: metadata.id, dimension };
    const near = await nearestReferences(store, embedding, {
      ...{ model, count: Math.max(NEIGHBOURS, NEIGHBOURS_EACH * limit), at: by.at, exact },
      ...(onIndex && { onIndex }),
    });
    const writerIds = [...new Set(near.map(({ writerId }) => writerId))].slice(0, Math.max(RANKED, limit));
    const thresholds = chooseThresholds(metadata, {});
    const writers = await embeddingsOfWriters(database.orm, keys, writerIds, metadata.id);
    return writers
      .map(({ writerId, writer, references }): Candidate => {
        const known = references.map((reference) => reference.embedding);
        const { distance, logLikelihoodRatio, similarity } = compareEmbeddings(metadata, known, embedding);
        const withinThreshold = distance <= thresholds(references.length).acceptUpTo;
        const referenceCount = references.length;
        return { writer, writerId, distance, logLikelihoodRatio, similarity, referenceCount, withinThreshold };
      })
      .sort((a, b) => a.distance - b.distance)
      .slice(0, limit);
  }
}
