/**
 * Erases a writer, and proves it: the rows go in one transaction with its audit row, everything is searched for the
 * writer's bytes, and what held the rows is rewritten. The audit log stays as it is: it holds ids and hashes, by design.
 */
import { eq, inArray, or } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import { ERASED, incomplete, placeOf, recordDue, rewriteTables } from './compaction.js';
import type { Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import { type ErasureNeedle, piece, rowId, sortHits, text, words } from './erasure-needles.js';
import { lockWriter, notFound, type Writer } from './find-writer.js';
import { removeAnswersAbout } from './idempotent-answers.js';
import { reviewDocument } from './review-document.js';
import { bulkItems, cases, decisions, embeddings, importItems, jobs, referenceSignatures, writers } from './schema.js';
import { searchTables } from './search.js';
import type { Store } from './store.js';
import { vectorOf } from './writer-vectors.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface ErasureReport {
  readonly writers: readonly ErasedWriter[];
  readonly searched: {
    /** Byte strings that were looked for. */
    readonly needles: number;
    readonly tables: number;
    /** Of an embedded folder; a server's are its operator's. */
    readonly files: number | null;
    readonly bytes: number | null;
  };
  /** Whether what held the rows was rewritten: else their bytes are in files until `compactStore` has been called. */
  readonly compacted: boolean;
  /** Rows of the audit log that name ids or hashes of the writers: by design. */
  readonly auditRows: number;
  /** What was found, but is or may be another's: the name of a namesake, a number within a longer one. */
  readonly shared: readonly string[];
  /** What is too short to be told from chance in a file; the tables were searched for it. */
  readonly notSoughtInFiles: readonly string[];
  /** What nobody but an operator can do. */
  readonly notes: readonly string[];
}

export interface ErasedWriter {
  /** Null for a number that nobody is enrolled under: imports and bulk work may have noted it. */
  readonly id: string | null;
  readonly removed: Readonly<
    Record<
      'references' | 'embeddings' | 'decisions' | 'cases' | 'importItems' | 'bulkItems' | 'jobs' | 'answers',
      number
    >
  >;
}

export interface EraseOptions {
  /**
   * Whether what held the rows is rewritten now; without it, in a folder. On a server others would wait meanwhile: there
   * `compactStore` does it at a quiet time.
   */
  readonly compact?: boolean | undefined;
}

/** @throws CountersignError WRITER_NOT_FOUND where nothing at all is of the number, before anything is erased; ERASURE_INCOMPLETE, AUDIT_LOG_BROKEN */
export async function eraseWriters(
  store: Store,
  externalRefs: readonly string[],
  by: By,
  { compact = store.database.location.kind === 'folder' }: EraseOptions = {},
): Promise<ErasureReport> {
  if (externalRefs.length === 0)
    throw new CountersignError('INVALID_ARGUMENT', 'Expected a writer to erase; none came.');
  const { database, keys } = store;
  const removed = await database.transaction(async (tx) => {
    const traces: Traces[] = [];
    for (const externalRef of [...new Set(externalRefs)].sort()) traces.push(await removeRows(tx, externalRef, by));
    const entries = traces.map(({ id, referenceIds, counts, imageHashes }) => {
      return {
        ...by,
        action: ERASED,
        subjectIds: id === null ? [] : [id, ...referenceIds],
        imageHashes,
        details: { removed: counts },
      };
    });
    const last = await appendAudit(tx, keys, ...entries);
    await recordDue(tx, last - entries.length + 1, by);
    await reviewDocuments(
      tx,
      keys,
      traces.flatMap(({ documents }) => documents),
      by,
    );
    return traces;
  });

  const needles = removed.flatMap((trace) => trace.needles);
  const inTables = await searchTables(database.orm, needles);
  const sorted = sortHits(inTables.hits);
  const found = new Set(inTables.hits.map(({ needle: { what } }) => what)); // of another, then, and in files as well
  const sought = needles.filter(({ what, column, isShort }) => column === undefined && !isShort && !found.has(what));
  const inFiles = compact ? (await rewriteTables(store, by, sought)).inFiles : undefined;
  const left = [
    ...sorted.left.map(({ needle, table, rows }) => `${needle.what} in ${rows} rows of ${table}`),
    ...(inFiles?.hits ?? []).map(placeOf),
  ];
  if (left.length > 0) throw incomplete(left);
  return {
    writers: removed.map(({ id, counts }) => ({ id, removed: counts })),
    searched: {
      ...{ needles: needles.length, tables: inTables.tables },
      ...{ files: inFiles?.files ?? null, bytes: inFiles?.bytes ?? null },
    },
    compacted: compact,
    auditRows: sorted.auditRows,
    shared: [...new Set(sorted.shared.map(({ needle, table }) => `${needle.what} (${table})`))],
    notSoughtInFiles: compact ? [...new Set(needles.filter(({ isShort }) => isShort).map(({ what }) => what))] : [],
    notes: [
      ...(compact ? [] : [NOT_COMPACTED]),
      ...(database.location.kind === 'folder' ? FOLDER_NOTES : SERVER_NOTES),
    ],
  };
}

const NOT_COMPACTED =
  'No query finds anything of it, but its bytes lie in pages of the database until those are rewritten: `countersign db compact`.';
const FOLDER_NOTES = ['Backups from before still hold the writer: they are yours to remove.'];
const SERVER_NOTES = [
  ...FOLDER_NOTES,
  "The server's write-ahead log, its archive and its replicas, and its own backups keep what was written until they are recycled or removed: only its operator can do that.",
];

interface Traces {
  readonly id: string | null;
  readonly referenceIds: readonly string[];
  readonly counts: ErasedWriter['removed'];
  readonly imageHashes: readonly string[];
  readonly needles: readonly ErasureNeedle[];
  /** With a signature of the writer that waited for a person. */
  readonly documents: readonly string[];
}

/** Removes all rows that are of the number. @returns what to look for afterwards */
async function removeRows(tx: Transaction, externalRef: string, { at }: By): Promise<Traces> {
  const writer = await lockWriter(tx, externalRef, at);
  const items = await tx
    .delete(importItems)
    .where(or(eq(importItems.externalRef, externalRef), writer && eq(importItems.writerId, writer.id)))
    .returning({ source: importItems.source });
  const bulk = await tx
    .delete(bulkItems)
    .where(eq(bulkItems.externalRef, externalRef))
    .returning({ image: bulkItems.image });
  const noted: Noted = {
    counts: { importItems: items.length, bulkItems: bulk.length },
    needles: [
      { ...text('the number of the writer', externalRef, false), column: 'external_ref' },
      ...words('the number of the writer', externalRef),
      ...bulk.flatMap(({ image }) =>
        image === null ? [] : [piece('the image of an item of bulk work', image, false)],
      ),
    ],
  };
  // Those items may have become a writer in a transaction that these deletions waited for.
  const there = writer ?? (await lockWriter(tx, externalRef, at));
  if (there !== undefined) return removeWriter(tx, there, noted);
  if (items.length + bulk.length === 0) notFound(externalRef);
  const counts = { references: 0, embeddings: 0, decisions: 0, cases: 0, jobs: 0, answers: 0, ...noted.counts };
  return { id: null, referenceIds: [], imageHashes: [], documents: [], counts, needles: noted.needles };
}

/** Documents whose last case that waited went with a writer: people have decided on all that are left. */
async function reviewDocuments(tx: Transaction, keys: KeyRing, documents: readonly string[], by: By): Promise<void> {
  for (const document of new Set(documents)) {
    const isOnIt = eq(decisions.mandateDecisionId, document);
    const [other] = await tx.select({ id: decisions.id }).from(decisions).where(isOnIt).limit(1);
    const entry = other && (await reviewDocument(tx, other.id, by));
    if (entry !== undefined) await appendAudit(tx, keys, entry);
  }
}

/** What is of a number, whether anybody is enrolled under it or not. */
interface Noted {
  readonly counts: Pick<ErasedWriter['removed'], 'importItems' | 'bulkItems'>;
  readonly needles: readonly ErasureNeedle[];
}

async function removeWriter(tx: Transaction, writer: Writer, noted: Noted): Promise<Traces> {
  const ofWriter = eq(referenceSignatures.writerId, writer.id);
  const references = await tx.select().from(referenceSignatures).where(ofWriter);
  const ids = references.map(({ id }) => id);
  const seen = ids.length === 0 ? [] : await tx.select().from(embeddings).where(inArray(embeddings.referenceId, ids));
  const mean = await vectorOf(tx, writer.id);
  const decided = await tx
    .select({
      ...{ id: decisions.id, hash: decisions.questionedImageHash, document: decisions.mandateDecisionId },
      ...{ caseId: cases.id, image: cases.questionedImage, caseState: cases.state },
    })
    .from(decisions)
    .leftJoin(cases, eq(cases.decisionId, decisions.id))
    .where(eq(decisions.writerId, writer.id));
  const answers = await removeAnswersAbout(tx, writer.id);
  const removedJobs = await tx.delete(jobs).where(eq(jobs.writerId, writer.id)).returning({ id: jobs.id });
  await tx.delete(writers).where(eq(writers.id, writer.id));

  const cased = decided.filter(({ caseId }) => caseId !== null);
  return {
    id: writer.id,
    referenceIds: ids,
    counts: {
      ...{ references: references.length, embeddings: seen.length, decisions: decided.length, cases: cased.length },
      ...{ jobs: removedJobs.length, answers: answers.length, ...noted.counts },
    },
    imageHashes: references.map(({ imageHash }) => imageHash),
    documents: decided.flatMap(({ document, caseId, caseState }) =>
      document === null || caseId === null || caseState === 'decided' ? [] : [document],
    ),
    needles: [
      ...noted.needles,
      ...words('the name of the writer', writer.name ?? ''),
      ...rowId('the writer', writer.id),
      ...references.flatMap(({ id, image, imageHash, pixelHash }) => [
        ...rowId(`reference ${id}`, id),
        piece(`the image of reference ${id}`, image, false),
        text(`the hash of the image of reference ${id}`, imageHash, true),
        ...(pixelHash === null ? [] : [text(`the hash of the picture of reference ${id}`, pixelHash, true)]),
      ]),
      ...seen.map(({ referenceId, modelId, vector, sealed }) =>
        piece(`the embedding of reference ${referenceId} by ${modelId}`, vector, !sealed),
      ),
      ...(mean === undefined ? [] : [piece('the mean of the embeddings', mean, true)]),
      ...decided.flatMap(({ id, hash, caseId, image }) => [
        ...rowId(`decision ${id}`, id),
        text(`the hash of the image of decision ${id}`, hash, true),
        ...(image === null ? [] : [piece(`the image of case ${caseId}`, image, false)]),
      ]),
      ...answers.map(({ id, answer }) => piece(`the answer ${id}`, answer, false)),
    ],
  };
}
