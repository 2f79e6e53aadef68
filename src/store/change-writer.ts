/** What a person decides about a writer: a reference confirmed or retired, another expiry. */
import { eq } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import type { EnrolmentVerdict } from '../verify/enrolment-state.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import { findReference } from './find-reference.js';
import { lockWriter, notFound } from './find-writer.js';
import { referenceSignatures, writers } from './schema.js';
import { readEnrolmentSettings } from './settings.js';
import type { Store } from './store.js';
import { refreshState } from './writer-states.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface ReferenceChange extends EnrolmentVerdict {
  readonly referenceId: string;
}

/**
 * A doubtful reference counts from now on.
 *
 * @param reference - its id, or how that begins
 * @throws CountersignError WRITER_NOT_FOUND, REFERENCE_NOT_FOUND, REFERENCE_STATE
 */
export function confirmReference(
  store: Store,
  externalRef: string,
  reference: string,
  by: By,
): Promise<ReferenceChange> {
  return changeReference(store, externalRef, reference, by, 'reference.confirmed', ({ id, state }) => {
    if (state !== 'doubtful') throw unfit(id, 'a doubtful reference to confirm', state);
    return { state: 'enrolled', confirmedAt: by.at, confirmedBy: by.actor };
  });
}

/**
 * A reference no longer counts. Its image and embeddings stay until the writer is erased.
 *
 * @param reference - its id, or how that begins
 * @throws CountersignError WRITER_NOT_FOUND, REFERENCE_NOT_FOUND, REFERENCE_STATE
 */
export function retireReference(
  store: Store,
  externalRef: string,
  reference: string,
  by: By,
): Promise<ReferenceChange> {
  return changeReference(store, externalRef, reference, by, 'reference.retired', ({ id, state }) => {
    if (state === 'retired') throw unfit(id, 'a reference to retire', state);
    return { state: 'retired', retiredAt: by.at };
  });
}

/** @param expiresAt - null for never. @throws CountersignError WRITER_NOT_FOUND */
export function changeExpiry(
  { database, keys }: Store,
  externalRef: string,
  expiresAt: Date | null,
  by: By,
): Promise<EnrolmentVerdict> {
  return database.transaction(async (tx) => {
    const writer = (await lockWriter(tx, externalRef, by.at)) ?? notFound(externalRef);
    await tx.update(writers).set({ expiresAt }).where(eq(writers.id, writer.id));
    const verdict = await refreshState(tx, { ...writer, expiresAt }, await readEnrolmentSettings(tx), by.at);
    await appendAudit(tx, keys, {
      ...{ ...by, action: 'writer.expiry-changed', subjectIds: [writer.id], result: verdict.state },
      details: { expiresAt: expiresAt?.toISOString() ?? null },
    });
    return verdict;
  });
}

type Reference = typeof referenceSignatures.$inferSelect;

function changeReference(
  { database, keys }: Store,
  externalRef: string,
  reference: string,
  by: By,
  action: string,
  change: (reference: Pick<Reference, 'id' | 'state'>) => Partial<Reference>,
): Promise<ReferenceChange> {
  return database.transaction(async (tx) => {
    const writer = (await lockWriter(tx, externalRef, by.at)) ?? notFound(externalRef);
    const found = await findReference(tx, writer, reference);
    await tx.update(referenceSignatures).set(change(found)).where(eq(referenceSignatures.id, found.id));
    const verdict = await refreshState(tx, writer, await readEnrolmentSettings(tx), by.at);
    await appendAudit(tx, keys, {
      ...{ ...by, action, subjectIds: [writer.id, found.id], imageHashes: [found.imageHash], result: verdict.state },
    });
    return { referenceId: found.id, ...verdict };
  });
}

function unfit(id: string, expected: string, state: string): CountersignError {
  return new CountersignError('REFERENCE_STATE', `Expected ${expected}; ${id} is ${state}.`);
}
