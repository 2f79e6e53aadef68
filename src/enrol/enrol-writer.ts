/** Enrols a writer, or adds references to one: prepare the images, then one transaction. */
import type { DecodeLimits } from '../image/decode-limits.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import type { AuditEntry } from '../store/audit-log.js';
import type { Alongside } from '../store/database.js';
import { addReferences, createWriter, type EnrolmentOutcome, type NewWriter } from '../store/enrol.js';
import type { Store } from '../store/store.js';
import { enrollingModel, prepareReferences, type ReferenceSource } from './prepare-references.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface EnrolOptions {
  /** Done in the same transaction; where it throws, nothing is enrolled either. */
  readonly alongside?: Alongside<EnrolmentOutcome> | undefined;
  /** What an image file may ask of this machine. */
  readonly limits?: DecodeLimits | undefined;
}

/**
 * A new writer with all of the references, or nothing.
 *
 * @throws CountersignError IMAGE_*, WRITER_EXISTS, REFERENCE_DUPLICATE, MODEL_NOT_ACTIVE, AUDIT_LOG_BROKEN
 *
 * @example
 * const writer = { externalRef: '4711', name: null, expiresAt: null };
 * await enrolWriter(store, embedder, writer, [{ image: 'a.png', capturedAt: null }], { at, actor: 'ada' });
 * // { writerId: '…', state: 'enrolling', reason: '1 of 3 references.', references: [{ id: '…', state: 'enrolled', … }], … }
 */
export async function enrolWriter(
  { database, keys }: Store,
  embedder: ModelEmbedder,
  writer: NewWriter,
  sources: readonly ReferenceSource[],
  by: By,
  { alongside, limits }: EnrolOptions = {},
): Promise<EnrolmentOutcome> {
  const references = await prepareReferences(embedder, sources, limits);
  return database.transaction(async (tx) => {
    const outcome = await createWriter(tx, keys, writer, references, enrollingModel(embedder), by);
    await alongside?.(tx, outcome);
    return outcome;
  });
}

/**
 * All of the references for a writer who is there, or none.
 *
 * @throws CountersignError IMAGE_*, WRITER_NOT_FOUND, REFERENCE_DUPLICATE, MODEL_NOT_ACTIVE, AUDIT_LOG_BROKEN
 */
export async function addToWriter(
  { database, keys }: Store,
  embedder: ModelEmbedder,
  externalRef: string,
  sources: readonly ReferenceSource[],
  by: By,
  { alongside, limits }: EnrolOptions = {},
): Promise<EnrolmentOutcome> {
  const references = await prepareReferences(embedder, sources, limits);
  return database.transaction(async (tx) => {
    const outcome = await addReferences(tx, keys, externalRef, references, enrollingModel(embedder), by);
    await alongside?.(tx, outcome);
    return outcome;
  });
}
