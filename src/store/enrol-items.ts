/** Enrols what can be of a writer's images, where each of them is an item of a longer list. */
import { CountersignError } from '../core/errors.js';
import type { AuditEntry } from './audit-log.js';
import type { Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import {
  createLocked,
  duplicatesOf,
  type EnrolledReference,
  type EnrollingModel,
  enrol,
  type NewReference,
  type NewWriter,
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
 * @throws CountersignError AUDIT_LOG_BROKEN; WRITER_EXISTS where another created the writer at this moment
 */
export async function enrolItems(
  tx: Transaction,
  keys: KeyRing,
  writer: NewWriter,
  prepared: readonly PreparedItem[],
  model: EnrollingModel,
  by: Pick<AuditEntry, 'at' | 'actor'>,
): Promise<EnrolledItems> {
  const there = await lockWriter(tx, writer.externalRef, by.at);
  const readable = prepared.flatMap(({ position, reference }) =>
    reference instanceof CountersignError ? [] : [{ ...reference, position }],
  );
  const duplicates = await duplicatesOf(tx, there?.id, readable);
  const accepted = readable.filter((reference) => !duplicates.has(reference));
  const refused = [
    ...prepared.flatMap(({ position, reference }) =>
      reference instanceof CountersignError ? [{ position, enrolled: reference }] : [],
    ),
    ...[...duplicates].map(([{ position }, error]) => ({ position, enrolled: error })),
  ];
  if (accepted.length === 0) return { writerId: there?.id ?? null, items: refused };
  const locked = there === undefined ? await createLocked(tx, writer, by) : { ...there, isNew: false };
  const { references } = await enrol(tx, keys, locked, accepted, model, by);
  const enrolled = accepted.map(({ position }, i) => ({ position, enrolled: references[i]! }));
  return { writerId: locked.id, items: [...enrolled, ...refused] };
}
