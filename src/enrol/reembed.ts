/** Moves a store to a new model, in the background: see `reembedding.ts` of the store for what lasts of it. */
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import {
  abandonReembedding,
  activate,
  beginReembedding,
  endReembedding,
  type Reembedding,
  type ReembeddingRefusal,
  refusalsOf,
  remaining,
  removeInactive,
  saveSeen,
  unseenReferences,
} from '../store/reembedding.js';
import type { Store } from '../store/store.js';

/** What is asked of a model here. */
export type FileEmbedder = Pick<ModelEmbedder, 'modelId' | 'dimension' | 'embedFiles'>;

export interface ReembedOptions {
  readonly actor: string;
  readonly clock: () => Date;
  /** Whether the embeddings of the old model stay. */
  readonly keep?: boolean;
  /** References that the new model has seen in this run, of those that it had to see. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ReembedResult {
  /** The active model. */
  readonly modelId: string;
  /** References that the new model has seen in this run. */
  readonly references: number;
  /** Those that it could not be given; they do not count while it is active. */
  readonly refused: readonly ReembeddingRefusal[];
}

/** Images held in memory at a time. */
const REFERENCES_AT_A_TIME = 32;
const REMOVED_AT_A_TIME = 1000;

/**
 * Runs to the end; interrupted, the next call goes on.
 *
 * @throws CountersignError REEMBEDDING_CONFLICT, KEY_MISSING, DECRYPTION_FAILED, AUDIT_LOG_BROKEN
 */
export async function reembed(store: Store, embedder: FileEmbedder, options: ReembedOptions): Promise<ReembedResult> {
  const { actor, clock, keep = false } = options;
  const move = await beginReembedding(
    store,
    { id: embedder.modelId, dimension: embedder.dimension },
    { at: clock(), actor },
  );
  if (move === undefined) return { modelId: embedder.modelId, references: 0, refused: [] };
  let references = 0;
  if (move.phase === 'embedding') {
    do references += await embedUnseen(store, embedder, move, options);
    while (!(await activate(store, move, keep, { at: clock(), actor })));
  }
  if (move.phase === 'removing' || !keep) {
    await removeAll(store);
    await endReembedding(store, move.jobId, clock());
  }
  return { modelId: move.modelId, references, refused: await refusalsOf(store.database.orm, move.jobId) };
}

/** @returns the model that the store was to be moved to; undefined where no move was to be given up */
export async function abandonReembed(store: Store, at: Date, actor: string): Promise<string | undefined> {
  const move = await abandonReembedding(store, { at, actor });
  if (move !== undefined) await removeAll(store, move.modelId);
  return move?.modelId;
}

/** @returns how many references were seen */
async function embedUnseen(
  store: Store,
  embedder: FileEmbedder,
  move: Reembedding,
  { clock, onProgress }: ReembedOptions,
): Promise<number> {
  const total = await remaining(store.database.orm, move);
  let done = 0;
  while (true) {
    const batch = await unseenReferences(store, move, REFERENCES_AT_A_TIME);
    if (batch.length === 0) return done;
    const results = await embedder.embedFiles(batch.map(({ image }) => image));
    const seen = batch.map(({ referenceId }, i) => ({ referenceId, result: results[i]! }));
    await saveSeen(store, move, seen, clock());
    done += batch.length;
    onProgress?.(done, Math.max(done, total));
  }
}

async function removeAll(store: Store, modelId?: string): Promise<void> {
  while ((await removeInactive(store, REMOVED_AT_A_TIME, modelId)) > 0);
}
