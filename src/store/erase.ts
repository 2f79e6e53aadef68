/**
 * Erases a writer, and proves it: the rows go in one transaction with its audit row, what held them is rewritten, and
 * then everything is searched for the writer's bytes. The audit log stays as it is: it holds ids and hashes, by design.
 */
import { randomUUID } from 'node:crypto';
import { and, eq, inArray, isNull, or } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm, Transaction } from './database.js';
import { lockWriter, notFound } from './find-writer.js';
import { removeAnswersAbout } from './idempotent-answers.js';
import { bulkItems, cases, decisions, embeddings, importItems, jobs, referenceSignatures, writers } from './schema.js';
import { type FileSearch, type Needle, searchFolder, searchTables, type TableHit } from './search.js';
import type { Store } from './store.js';

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
  readonly id: string;
  readonly removed: Readonly<
    Record<
      'references' | 'embeddings' | 'decisions' | 'cases' | 'importItems' | 'bulkItems' | 'jobs' | 'answers',
      number
    >
  >;
}

/**
 * @param externalRefs - none, to bring an erasure to its end that was interrupted
 * @param options.compact - whether what held the rows is rewritten now; on a server, others wait meanwhile
 * @throws CountersignError WRITER_NOT_FOUND, before anything is erased; ERASURE_INCOMPLETE, AUDIT_LOG_BROKEN
 */
export async function eraseWriters(
  store: Store,
  externalRefs: readonly string[],
  by: By,
  { compact = true }: { readonly compact?: boolean } = {},
): Promise<ErasureReport> {
  const { database, keys } = store;
  const removed = await database.transaction(async (tx) => {
    const traces: Traces[] = [];
    for (const externalRef of [...new Set(externalRefs)].sort()) traces.push(await removeRows(tx, externalRef, by));
    for (const { id, counts, imageHashes } of traces) {
      const entry = { ...by, action: 'writer.erased', subjectIds: [id], imageHashes, details: { removed: counts } };
      await appendAudit(tx, keys, entry);
    }
    if (traces.length > 0) await recordCompaction(tx, by);
    return traces;
  });
  if (compact) {
    await database.compact();
    await database.transaction((tx) => endCompaction(tx, by));
  }

  const needles = removed.flatMap((trace) => trace.needles);
  const inTables = await searchTables(database.orm, needles);
  const sorted = sortHits(inTables.hits);
  const found = new Set(inTables.hits.map(({ needle }) => needle));
  const sought = needles.filter((needle) => needle.column === undefined && !needle.isShort && !found.has(needle));
  const { location } = database;
  const inFiles = location.kind === 'folder' && compact ? await searchFolder(location.folder, sought) : undefined;
  requireNothing(sorted.left, inFiles);
  return {
    writers: removed.map(({ id, counts }) => ({ id, removed: counts })),
    searched: {
      ...{ needles: needles.length, tables: inTables.tables },
      ...{ files: inFiles?.files ?? null, bytes: inFiles?.bytes ?? null },
    },
    auditRows: sorted.auditRows,
    shared: [...new Set(sorted.shared.map(({ needle, table }) => `${needle.what} (${table})`))],
    notSoughtInFiles: [...new Set(needles.filter(({ isShort }) => isShort).map(({ what }) => what))],
    notes: [...(location.kind === 'folder' ? FOLDER_NOTES : SERVER_NOTES), ...(compact ? [] : [NOT_COMPACTED])],
  };
}

const FOLDER_NOTES = ['Backups from before still hold the writer: they are yours to remove.'];
const SERVER_NOTES = [
  ...FOLDER_NOTES,
  "The server's write-ahead log, its archive and its replicas, and its own backups keep what was written until they are recycled or removed: only its operator can do that.",
];
const NOT_COMPACTED =
  'The pages of the rows were not rewritten: until the database does, their bytes are in its files. `countersign erase` without a writer does it.';

/** Too short to be told from chance among the bytes of files. */
const SHORT_BYTES = 8;
/** Of a long value this much is looked for: it may lie in pieces, and no other value has it. */
const PIECE_BYTES = 32;

interface ErasureNeedle extends Needle {
  /** Where it is found it may be another's: a namesake's name, a picture that two writers were enrolled with. */
  readonly mayBeShared: boolean;
  readonly isShort: boolean;
}

interface Traces {
  readonly id: string;
  readonly counts: ErasedWriter['removed'];
  readonly imageHashes: readonly string[];
  readonly needles: readonly ErasureNeedle[];
}

/** Removes all rows that are of the writer. @returns what to look for afterwards */
async function removeRows(tx: Transaction, externalRef: string, { at }: By): Promise<Traces> {
  const writer = (await lockWriter(tx, externalRef, at)) ?? notFound(externalRef);
  const ofWriter = eq(referenceSignatures.writerId, writer.id);
  const references = await tx.select().from(referenceSignatures).where(ofWriter);
  const ids = references.map(({ id }) => id);
  const seen = ids.length === 0 ? [] : await tx.select().from(embeddings).where(inArray(embeddings.referenceId, ids));
  const decided = await tx
    .select({ id: decisions.id, hash: decisions.questionedImageHash, caseId: cases.id, image: cases.questionedImage })
    .from(decisions)
    .leftJoin(cases, eq(cases.decisionId, decisions.id))
    .where(eq(decisions.writerId, writer.id));
  const ofImports = or(eq(importItems.externalRef, externalRef), eq(importItems.writerId, writer.id));
  const items = await tx.delete(importItems).where(ofImports).returning({ source: importItems.source });
  const { image: queued, externalRef: number } = bulkItems;
  const bulk = await tx.delete(bulkItems).where(eq(number, externalRef)).returning({ image: queued });
  const answers = await removeAnswersAbout(tx, writer.id);
  const removedJobs = await tx.delete(jobs).where(eq(jobs.writerId, writer.id)).returning({ id: jobs.id });
  await tx.delete(writers).where(eq(writers.id, writer.id));

  const cased = decided.filter(({ caseId }) => caseId !== null);
  return {
    id: writer.id,
    counts: {
      ...{ references: references.length, embeddings: seen.length, decisions: decided.length, cases: cased.length },
      ...{ importItems: items.length, jobs: removedJobs.length, bulkItems: bulk.length, answers: answers.length },
    },
    imageHashes: references.map(({ imageHash }) => imageHash),
    needles: [
      { ...text('the number of the writer', externalRef, false), column: 'external_ref' },
      ...asIndexed(externalRef).map((number) => text('the number of the writer', number, true)),
      ...(writer.name ? asIndexed(writer.name).map((name) => text('the name of the writer', name, true)) : []),
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
      ...decided.flatMap(({ id, hash, caseId, image }) => [
        ...rowId(`decision ${id}`, id),
        text(`the hash of the image of decision ${id}`, hash, true),
        ...(image === null ? [] : [piece(`the image of case ${caseId}`, image, false)]),
      ]),
      ...bulk.flatMap(({ image }) =>
        image === null ? [] : [piece('the image of an item of bulk work', image, false)],
      ),
      ...answers.map(({ id, answer }) => piece(`the answer ${id}`, answer, false)),
    ],
  };
}

/** As it is, and as the indices that it is sought by hold it. */
const asIndexed = (words: string) => [...new Set([words, words.toLowerCase()])];

function text(what: string, value: string, mayBeShared: boolean): ErasureNeedle {
  const bytes = Buffer.from(value);
  return { what, bytes, isText: true, mayBeShared, isShort: bytes.length < SHORT_BYTES };
}

/** From its middle: the beginning of what is sealed is the same for all. */
function piece(what: string, value: Uint8Array, mayBeShared: boolean): ErasureNeedle {
  const bytes = Buffer.from(value);
  const begin = Math.max(0, (bytes.length - PIECE_BYTES) >> 1);
  const middle = bytes.subarray(begin, begin + PIECE_BYTES);
  return { what, bytes: middle, isText: false, mayBeShared, isShort: middle.length < SHORT_BYTES };
}

/** As rows hold it, and as text does. */
function rowId(what: string, id: string): ErasureNeedle[] {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  return [
    text(`the id of ${what}`, id, false),
    { what: `the row of ${what}`, bytes, isText: false, mayBeShared: false, isShort: false },
  ];
}

interface SortedHits {
  readonly auditRows: number;
  readonly shared: readonly TableHit[];
  readonly left: readonly TableHit[];
}

function sortHits(hits: readonly TableHit[]): SortedHits {
  const isOfLog = ({ needle, table }: TableHit) => table === 'audit_log' && needle.isText;
  const others = hits.filter((hit) => !isOfLog(hit));
  const isShared = ({ needle }: TableHit) => (needle as ErasureNeedle).mayBeShared;
  return {
    auditRows: Math.max(0, ...hits.filter(isOfLog).map(({ rows }) => rows)),
    shared: others.filter(isShared),
    left: others.filter((hit) => !isShared(hit)),
  };
}

function requireNothing(left: readonly TableHit[], files: FileSearch | undefined): void {
  const places = [
    ...left.map(({ needle, table, rows }) => `${needle.what} in ${rows} rows of ${table}`),
    ...(files?.hits ?? []).map(({ needle, file, offset }) => `${needle.what} in ${file}, byte ${offset}`),
  ];
  if (places.length === 0) return;
  throw new CountersignError('ERASURE_INCOMPLETE', `After the erasure there still is ${places.join('; ')}.`, {
    details: { places },
  });
}

const COMPACTION = 'compact';
const openCompaction = and(eq(jobs.kind, COMPACTION), isNull(jobs.writerId), eq(jobs.state, 'running'));

/** So that an erasure that is interrupted before its end is known. */
async function recordCompaction(tx: Transaction, { at }: By): Promise<void> {
  const row = { id: randomUUID(), kind: COMPACTION, state: 'running' as const, createdAt: at, updatedAt: at };
  await tx.insert(jobs).values(row).onConflictDoNothing();
}

async function endCompaction(tx: Transaction, { at }: By): Promise<void> {
  await tx.update(jobs).set({ state: 'done', updatedAt: at }).where(openCompaction);
}

/** Whether rows of an erased writer may still be in the files of the database. */
export async function awaitsCompaction(queries: Pick<Orm, 'select'>): Promise<boolean> {
  return (await queries.select({ id: jobs.id }).from(jobs).where(openCompaction)).length > 0;
}
