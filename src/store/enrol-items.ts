/** Enrols what can be of a writer's images, where each of them is an item of a longer list. */
import { CountersignError } from '../core/errors.js';
import type { AuditEntry } from './audit-log.js';
import type { Transaction } from './database.js';
import { duplicatesOf } from './duplicate-references.js';
import type { KeyRing } from './encryption.js';
import {
  createOrLock,
  type EnrolledReference,
  type EnrollingModel,
  enrol,
  type NewReference,
  type NewWriter,
  notYetWritten,
} from './enrol.js';
import { lockWriter } from './find-writer.js';

export interface PreparedItem {
  readonly position: number;
  /** Or why it is refused. */
  readonly reference: NewReference | CountersignError;
}

export interface EnrolledItem {
  readonly position: number;
  readonly enrolled: EnrolledReference | CountersignError;
}

export interface EnrolledItems {
  /** Null where there is no such writer, and all was refused. */
  readonly writerId: string | null;
  /** In no order. */
  readonly items: readonly EnrolledItem[];
}

/**
 * For whoever required the model to be active before. A writer who is not there is created, unless all is refused.
 *
 * @throws CountersignError AUDIT_LOG_BROKEN
 */
export async function enrolItems(
  tx: Transaction,
  keys: KeyRing,
  writer: NewWriter,
  prepared: readonly PreparedItem[],
  model: EnrollingModel,
  by: Pick<AuditEntry, 'at' | 'actor'>,
): Promise<EnrolledItems> {
  const items = prepared.map(({ position, reference }) => {
    const problem = reference instanceof CountersignError ? reference : notYetWritten(reference, by.at);
    return { position, reference: problem ?? reference };
  });
  const readable = items.flatMap(({ position, reference }) =>
    reference instanceof CountersignError ? [] : [{ ...reference, position }],
  );
  const unreadable = items.flatMap(({ position, reference }) =>
    reference instanceof CountersignError ? [{ position, enrolled: reference }] : [],
  );
  const there = await lockWriter(tx, writer.externalRef, by.at);
  if (readable.length === 0) return { writerId: there?.id ?? null, items: unreadable };
  const locked = there === undefined ? await createOrLock(tx, writer, by) : { ...there, isNew: false };
  const duplicates = await duplicatesOf(tx, locked.id, readable);
  const accepted = readable.filter((reference) => !duplicates.has(reference));
  const { references } =
    accepted.length === 0 ? { references: [] } : await enrol(tx, keys, locked, accepted, model, by);
  return {
    writerId: locked.id,
    items: [
      ...accepted.map(({ position }, i) => ({ position, enrolled: references[i]! })),
      ...unreadable,
      ...[...duplicates].map(([{ position }, error]) => ({ position, enrolled: error })),
    ],
  };
}
