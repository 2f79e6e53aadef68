/** Bulk verification: items to decisions, all of them in one transaction with what is put down of the items. */
import { CountersignError } from '../core/errors.js';
import type { DecidedDocument, Decider } from '../decide/decide.js';
import type { PreparedDocument } from '../decide/judge-document.js';
import { type ItemOutcome, ItemsChanged, itemImages, settleBulkItems, type WaitingItem } from '../store/bulk-items.js';
import { type BulkJobRow, holdRunning } from '../store/bulk-jobs.js';
import type { Store } from '../store/store.js';
import { refusal } from './refusal.js';

/** @throws ItemsChanged; CountersignError for trouble that is of no item: then nothing was decided */
export async function verifyItems(
  store: Store,
  decider: Decider,
  { id, actor }: BulkJobRow,
  items: readonly WaitingItem[],
  clock: () => Date,
): Promise<void> {
  const images = await itemImages(
    store,
    id,
    items.map(({ position }) => position),
  );
  const prepared = await decider.prepare(
    items.map(({ externalRef, policy, amount, currency }, i) => ({
      signatures: [{ writer: externalRef, image: images[i]! }],
      policy: policy ?? undefined,
      money: amount === null ? undefined : { amount, currency: currency! },
    })),
  );
  await store.database.transaction(async (tx) => {
    if (!(await holdRunning(tx, id))) throw new ItemsChanged();
    const by = { at: clock(), actor };
    const documents = prepared.filter(
      (document): document is PreparedDocument => !(document instanceof CountersignError),
    );
    await decider.decideIn(tx, documents, by, async (_, decided) => {
      const outcomes = decided.values();
      const settled = prepared.map((document, i) =>
        outcomeOf(items[i]!, document instanceof CountersignError ? document : outcomes.next().value!),
      );
      await settleBulkItems(tx, id, settled, by.at);
    });
  });
}

function outcomeOf({ position }: WaitingItem, outcome: DecidedDocument | CountersignError): ItemOutcome {
  if (outcome instanceof CountersignError) return { position, ...refusal(outcome) };
  const { decisionId } = outcome.signatures[0]!;
  return { position, state: 'settled', result: outcome.decision, decisionId };
}
