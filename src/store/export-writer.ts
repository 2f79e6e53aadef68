/** Everything about a writer, for the writer: one JSON document and the images, opened. */
import { asc, eq, inArray, or, sql } from 'drizzle-orm';
import { writeFolderAtomic } from '../data/atomic-folder.js';
import { OWNER_ONLY_FOLDER } from '../data/make-folder.js';
import { sniffFormat } from '../image/file-format.js';
import { type AuditEntry, recordEvent } from './audit-log.js';
import type { Transaction } from './database.js';
import { floatsOf, openEmbedding } from './embedding-bytes.js';
import type { KeyRing } from './encryption.js';
import { findWriter } from './find-writer.js';
import { writeOwnerOnly } from './owner-only.js';
import {
  auditLog,
  bulkItems,
  cases,
  caseVerdicts,
  decisions,
  embeddings,
  importItems,
  jobRefusals,
  jobs,
  mandateDecisions,
  referenceSignatures,
} from './schema.js';
import { bulkImageRow, questionedImageRow, referenceImageRow } from './sealed-columns.js';
import type { Store } from './store.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface ExportedFolder {
  readonly writerId: string;
  readonly folder: string;
  readonly references: number;
  readonly decisions: number;
  readonly images: number;
}

/**
 * Writes `writer.json`, `references/<id>.<format>`, `cases/<id>.<format>` and, of bulk work that waits,
 * `bulk/<job>-<position>.<format>`; the folder appears whole or not at all, after it is on record.
 *
 * @param outDir - must not exist, or be empty
 * @throws CountersignError WRITER_NOT_FOUND, INVALID_ARGUMENT, WRITE_FAILED, KEY_MISSING, DECRYPTION_FAILED
 */
export async function exportWriter(store: Store, externalRef: string, outDir: string, by: By): Promise<ExportedFolder> {
  const { document, images } = await readEverything(store, externalRef, by.at);
  await writeFolderAtomic(
    outDir,
    async (folder) => {
      for (const { file, bytes } of images) {
        await writeOwnerOnly(folder, file, bytes);
      }
      await writeOwnerOnly(folder, 'writer.json', `${JSON.stringify(document, null, 2)}\n`);
      await recordExport(store, document, by);
    },
    { mode: OWNER_ONLY_FOLDER },
  );
  const { writer, references, decisions } = document;
  return {
    ...{ writerId: writer.id, folder: outDir },
    ...{ references: references.length, decisions: decisions.length, images: images.length },
  };
}

export type WriterDocument = Awaited<ReturnType<typeof readEverything>>['document'];

export type ExportedDocument = WriterDocument & {
  /** Base64, by the names that `references`, `cases` and `bulkItems` call them. */
  readonly images: Readonly<Record<string, string>>;
};

/**
 * The same in one document, given out once it is on record.
 *
 * @throws CountersignError WRITER_NOT_FOUND, KEY_MISSING, DECRYPTION_FAILED, AUDIT_LOG_BROKEN
 */
export async function exportWriterDocument(store: Store, externalRef: string, by: By): Promise<ExportedDocument> {
  const { document, images } = await readEverything(store, externalRef, by.at);
  await recordExport(store, document, by);
  return { ...document, images: Object.fromEntries(images.map(({ file, bytes }) => [file, bytes.toString('base64')])) };
}

function recordExport(store: Store, { writer }: WriterDocument, by: By): Promise<void> {
  return recordEvent(store, { ...by, action: 'writer.exported', subjectIds: [writer.id] });
}

interface ExportedImage {
  /** Relative to the folder. */
  readonly file: string;
  readonly bytes: Buffer;
}

function readEverything({ database, keys }: Store, externalRef: string, at: Date) {
  return database.transaction((tx) => readAsOf(tx, keys, externalRef, at));
}

async function readAsOf(tx: Transaction, keys: KeyRing, externalRef: string, at: Date) {
  await tx.setTransaction({ isolationLevel: 'repeatable read', accessMode: 'read only' });
  const writer = await findWriter(tx, externalRef, at);
  const ofWriter = eq(referenceSignatures.writerId, writer.id);
  const references = await tx.select().from(referenceSignatures).where(ofWriter).orderBy(asc(referenceSignatures.id));
  const ids = references.map(({ id }) => id);
  const seen = await tx.select().from(embeddings).where(inArray(embeddings.referenceId, ids));
  const isOfWriter = eq(decisions.writerId, writer.id);
  const decided = await tx.select().from(decisions).where(isOfWriter).orderBy(asc(decisions.createdAt));
  const decisionIds = decided.map(({ id }) => id);
  // By queries and not by lists of ids: a statement has 65,535 parameters, and a writer may have more decisions.
  const on = tx.select({ id: decisions.mandateDecisionId }).from(decisions).where(isOfWriter);
  const documents = await tx.select().from(mandateDecisions).where(inArray(mandateDecisions.id, on));
  const about = tx.select({ id: decisions.id }).from(decisions).where(isOfWriter);
  const reviewed = await tx.select().from(cases).where(inArray(cases.decisionId, about));
  const caseIds = reviewed.map(({ id }) => id);
  const ofCases = tx.select({ id: cases.id }).from(cases).where(inArray(cases.decisionId, about));
  const verdicts = await tx.select().from(caseVerdicts).where(inArray(caseVerdicts.caseId, ofCases));
  const refusals = await tx.select().from(jobRefusals).where(inArray(jobRefusals.referenceId, ids));
  const work = await tx.select().from(jobs).where(eq(jobs.writerId, writer.id));
  const imported = await tx
    .select()
    .from(importItems)
    .where(or(eq(importItems.externalRef, externalRef), eq(importItems.writerId, writer.id)));
  const bulk = await tx
    .select()
    .from(bulkItems)
    .where(eq(bulkItems.externalRef, externalRef))
    .orderBy(asc(bulkItems.jobId), asc(bulkItems.position));
  const subjects = JSON.stringify([writer.id, ...ids, ...decisionIds, ...caseIds]);
  const log = await tx
    .select()
    .from(auditLog)
    .where(sql`${auditLog.subjectIds} ?| ARRAY(SELECT json_array_elements_text(${subjects}::json))`)
    .orderBy(asc(auditLog.seq));

  const images: ExportedImage[] = [];
  const fileOf = (folder: string, id: string, bytes: Buffer) => {
    const file = `${folder}/${id}.${sniffFormat(bytes) ?? 'bin'}`;
    images.push({ file, bytes });
    return file;
  };
  const document = {
    format: 'countersign-writer' as const,
    version: 1 as const,
    exportedAt: at,
    writer,
    references: references.map(({ image, writerId: _, ...reference }) => ({
      ...reference,
      image: fileOf('references', reference.id, keys.open(image, referenceImageRow(reference.id))),
      embeddings: seen
        .filter(({ referenceId }) => referenceId === reference.id)
        .map((row) => ({ modelId: row.modelId, vector: [...floatsOf(openEmbedding(keys, row))] })),
    })),
    decisions: decided.map(({ writerId: _, ...decision }) => ({
      ...decision,
      cases: reviewed
        .filter(({ decisionId }) => decisionId === decision.id)
        .map(({ questionedImage, ...row }) => ({
          ...row,
          questionedImage:
            questionedImage && fileOf('cases', row.id, keys.open(questionedImage, questionedImageRow(row.id))),
          verdicts: verdicts.filter(({ caseId }) => caseId === row.id),
        })),
    })),
    /** Documents that several may have signed, this writer among them. */
    documents,
    imports: imported,
    bulkItems: bulk.map(({ image, ...item }) => ({
      ...item,
      image:
        image &&
        fileOf('bulk', `${item.jobId}-${item.position}`, keys.open(image, bulkImageRow(item.jobId, item.position))),
    })),
    jobs: work,
    jobRefusals: refusals,
    auditLog: log,
  };
  return { document, images };
}
