/** Signatures opened for a person to look at. Biometric data: who saw which image is put on record. */
import { eq } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { sniffFormat } from '../image/file-format.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import { findReference } from './find-reference.js';
import { findWriter } from './find-writer.js';
import { findCase } from './review-cases.js';
import { cases, referenceSignatures } from './schema.js';
import { questionedImageRow, referenceImageRow } from './sealed-columns.js';
import type { Store } from './store.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface OpenedImage {
  /** The file, as it came. */
  readonly bytes: Buffer;
  /** SHA-256 of the file, hexadecimal. */
  readonly imageHash: string;
  readonly mediaType: string;
}

/**
 * @param reference - its id, or how that begins; a doubtful or retired one can be seen as well
 * @throws CountersignError WRITER_NOT_FOUND, REFERENCE_NOT_FOUND, KEY_MISSING, DECRYPTION_FAILED, AUDIT_LOG_BROKEN
 */
export function readReferenceImage(
  { database, keys }: Store,
  externalRef: string,
  reference: string,
  by: By,
): Promise<OpenedImage> {
  return database.transaction(async (tx) => {
    const writer = await findWriter(tx, externalRef, by.at);
    const { id, imageHash } = await findReference(tx, writer, reference);
    const { image } = referenceSignatures;
    const [row] = await tx.select({ image }).from(referenceSignatures).where(eq(referenceSignatures.id, id));
    const bytes = keys.open(row!.image, referenceImageRow(id));
    const subjectIds = [writer.id, id];
    await appendAudit(tx, keys, { ...by, action: 'reference.image.read', subjectIds, imageHashes: [imageHash] });
    return opened(bytes, imageHash);
  });
}

/**
 * The questioned signature of a case.
 *
 * @param beginning - the case's id, or how that begins
 * @throws CountersignError CASE_NOT_FOUND, KEY_MISSING, DECRYPTION_FAILED, AUDIT_LOG_BROKEN
 */
export function readCaseImage({ database, keys }: Store, beginning: string, by: By): Promise<OpenedImage> {
  return database.transaction(async (tx) => {
    const { id, writerId, network } = await findCase(tx, beginning, by.at);
    const [row] = await tx.select({ image: cases.questionedImage }).from(cases).where(eq(cases.id, id));
    if (!row?.image) throw new CountersignError('CASE_NOT_FOUND', `There is no image of case ${id}.`);
    const bytes = keys.open(row.image, questionedImageRow(id));
    const subjectIds = [id, network.decisionId, writerId];
    await appendAudit(tx, keys, { ...by, action: 'case.image.read', subjectIds, imageHashes: [network.imageHash] });
    return opened(bytes, network.imageHash);
  });
}

function opened(bytes: Buffer, imageHash: string): OpenedImage {
  const format = sniffFormat(bytes);
  return { bytes, imageHash, mediaType: format === undefined ? 'application/octet-stream' : `image/${format}` };
}
