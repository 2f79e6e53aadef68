/** Bulk enrolment: the items of a writer become references, in one transaction with what is put down of them. */
import { CountersignError } from '../core/errors.js';
import { enrollingModel, tryReferences } from '../enrol/prepare-references.js';
import type { DecodeLimits } from '../image/decode-limits.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { requireActive } from '../store/active-model.js';
import { type ItemOutcome, ItemsChanged, itemImages, settleBulkItems, type WaitingItem } from '../store/bulk-items.js';
import { type BulkJobRow, holdRunning } from '../store/bulk-jobs.js';
import { type EnrolledItem, enrolItems } from '../store/enrol-items.js';
import type { Store } from '../store/store.js';
import { refusal } from './refusal.js';

/**
 * @param items - of one writer
 * @throws ItemsChanged; CountersignError for trouble that is of no item: then nothing was enrolled
 */
export async function enrolWriterItems(
  store: Store,
  embedder: ModelEmbedder,
  { id, actor }: BulkJobRow,
  items: readonly WaitingItem[],
  clock: () => Date,
  limits?: DecodeLimits,
): Promise<void> {
  const images = await itemImages(
    store,
    id,
    items.map(({ position }) => position),
  );
  const references = await tryReferences(
    embedder,
    items.map(({ capturedAt, label, position }, i) => ({
      ...{ image: images[i]!, capturedAt, name: label ?? `item ${position}` },
    })),
    limits,
  );
  const prepared = items.map(({ position }, i) => ({ position, reference: references[i]! }));
  await store.database.transaction(async (tx) => {
    if (!(await holdRunning(tx, id))) throw new ItemsChanged();
    const by = { at: clock(), actor };
    const model = enrollingModel(embedder);
    await requireActive(tx, store.keys, model, by);
    const enrolled = await enrolItems(tx, store.keys, items[0]!, prepared, model, by);
    await settleBulkItems(tx, id, enrolled.items.map(settled), by.at);
  });
}

function settled({ position, enrolled }: EnrolledItem): ItemOutcome {
  if (enrolled instanceof CountersignError) return { position, ...refusal(enrolled) };
  return { position, state: 'settled', result: enrolled.state, referenceId: enrolled.id };
}
