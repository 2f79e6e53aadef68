/** Imports signatures of many writers; interrupted, the next call for the same source goes on. */
import path from 'node:path';
import { mapConcurrent } from '../data/map-concurrent.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import {
  beginImport,
  finishImport,
  itemCounts,
  type SettledItem,
  settledItems,
  settleItems,
  unfinishedImport,
  waitingItems,
  waitingWriters,
} from '../store/import-items.js';
import type { Store } from '../store/store.js';
import { readImportSource } from './import-source.js';
import { baseOf } from './item-list.js';
import { enrollingModel, tryReferences } from './prepare-references.js';

export interface ImportOptions {
  readonly actor: string;
  readonly clock: () => Date;
  /** Files with an outcome, and all of them. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ImportResult {
  readonly importId: string;
  /** Whether it had been begun before. */
  readonly resumed: boolean;
  readonly enrolled: number;
  /** Of those enrolled. */
  readonly doubtful: number;
  readonly refused: number;
  /** What came of each file, in the order of the source. */
  readonly items: readonly SettledItem[];
}

/**
 * @param source - a folder with one sub-folder a writer, or a CSV file
 * @throws CountersignError IMPORT_INVALID, MODEL_NOT_ACTIVE, AUDIT_LOG_BROKEN; what is wrong with one image is told in its
 *   place
 */
export async function importReferences(
  store: Store,
  embedder: ModelEmbedder,
  source: string,
  { actor, clock, onProgress }: ImportOptions,
): Promise<ImportResult> {
  const { orm } = store.database;
  const absolute = path.resolve(source);
  const base = await baseOf(absolute);
  const begun = await unfinishedImport(orm, absolute);
  const importId =
    begun ?? (await beginImport(store, absolute, await readImportSource(absolute), { at: clock(), actor }));

  const before = await itemCounts(orm, importId);
  let done = before.enrolled + before.refused;
  const total = done + before.waiting;
  // The threads of the network prepare one writer while another is written down.
  await mapConcurrent(await waitingWriters(orm, importId), embedder.pool.size + 1, async (externalRef) => {
    const items = await waitingItems(orm, importId, externalRef);
    if (items.length === 0) return; // settled by another process, or erased
    const references = await tryReferences(
      embedder,
      items.map(({ source, capturedAt }) => ({ image: path.resolve(base, source), capturedAt })),
    );
    const prepared = items.map(({ position }, i) => ({ position, reference: references[i]! }));
    await settleItems(store, importId, items[0]!, prepared, enrollingModel(embedder), { at: clock(), actor });
    done += items.length;
    onProgress?.(done, total);
  });
  await finishImport(store, importId, { at: clock(), actor });

  const items = await settledItems(orm, importId);
  const count = (...states: SettledItem['state'][]) => items.filter(({ state }) => states.includes(state)).length;
  return {
    ...{ importId, resumed: begun !== undefined, items },
    ...{ enrolled: count('enrolled', 'doubtful'), doubtful: count('doubtful'), refused: count('refused') },
  };
}
