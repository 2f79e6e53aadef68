/** Puts references of a writer into the store: within one transaction, with its audit row. */
import { randomUUID } from 'node:crypto';
import { CountersignError } from '../core/errors.js';
import { isOneLine } from '../core/one-line.js';
import type { ImageQuality } from '../image/quality.js';
import type { EnrolmentSettings } from '../verify/enrolment-settings.js';
import type { EnrolmentVerdict } from '../verify/enrolment-state.js';
import { type Doubt, findMisfits, type JudgingModel } from '../verify/reference-consistency.js';
import { type KnownModel, requireActive } from './active-model.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Transaction } from './database.js';
import { duplicatesOf } from './duplicate-references.js';
import { storedEmbedding } from './embedding-bytes.js';
import type { KeyRing } from './encryption.js';
import { lockWriter, notFound } from './find-writer.js';
import { referenceEmbeddings } from './reference-embeddings.js';
import { embeddings, referenceSignatures, writers } from './schema.js';
import { referenceImageRow } from './sealed-columns.js';
import { holdEnrolmentSettings, readEnrolmentSettings } from './settings.js';
import { refreshState } from './writer-states.js';

/** A signature that passed the gate for quality. */
export interface NewReference {
  /** What messages call it: the file, or its place among those that came. */
  readonly name: string;
  /** The file, as it came. */
  readonly image: Uint8Array;
  /** SHA-256 of the file, hexadecimal. */
  readonly imageHash: string;
  /** SHA-256 of the picture however it was encoded, hexadecimal. */
  readonly pixelHash: string;
  readonly quality: ImageQuality;
  /** [D], by the model that is enrolled with. */
  readonly embedding: Float32Array;
  /** When it was written, where that is known. */
  readonly capturedAt: Date | null;
}

export interface EnrolledReference {
  readonly id: string;
  readonly imageHash: string;
  readonly state: 'enrolled' | 'doubtful';
  readonly doubt: Doubt | null;
}

export interface EnrolmentOutcome extends EnrolmentVerdict {
  readonly writerId: string;
  /** In the order of what came. */
  readonly references: readonly EnrolledReference[];
}

type By = Pick<AuditEntry, 'at' | 'actor'>;

/** What a model has to say of itself to be enrolled with. */
export type EnrollingModel = KnownModel & JudgingModel;

export interface NewWriter {
  /** The operator's own number. */
  readonly externalRef: string;
  readonly name: string | null;
  readonly expiresAt: Date | null;
}

/** @throws CountersignError WRITER_EXISTS, INVALID_ARGUMENT, and those of `addReferences` */
export async function createWriter(
  tx: Transaction,
  keys: KeyRing,
  writer: NewWriter,
  references: readonly NewReference[],
  model: EnrollingModel,
  by: By,
): Promise<EnrolmentOutcome> {
  await requireActive(tx, keys, model, by);
  const created = await createLocked(tx, writer, by);
  if (created !== undefined) return enrol(tx, keys, created, references, model, by);
  throw new CountersignError('WRITER_EXISTS', `There is a writer ${writer.externalRef} already.`);
}

/** @throws CountersignError WRITER_NOT_FOUND, MODEL_NOT_ACTIVE, REFERENCE_DUPLICATE, AUDIT_LOG_BROKEN */
export async function addReferences(
  tx: Transaction,
  keys: KeyRing,
  externalRef: string,
  references: readonly NewReference[],
  model: EnrollingModel,
  by: By,
): Promise<EnrolmentOutcome> {
  await requireActive(tx, keys, model, by);
  const writer = (await lockWriter(tx, externalRef, by.at)) ?? notFound(externalRef);
  return enrol(tx, keys, { ...writer, isNew: false }, references, model, by);
}

/** A writer to be enrolled, whom nobody else changes until the transaction ends. */
export interface LockedWriter {
  readonly id: string;
  readonly expiresAt: Date | null;
  readonly isNew: boolean;
}

/** Characters of a number or a name. */
export const MOST_CHARACTERS = 200;

/** @returns what is wrong with a new writer's number or name, in words; undefined where nothing is */
export function writerProblem({ externalRef, name }: Pick<NewWriter, 'externalRef' | 'name'>): string | undefined {
  const expected = `expected 1 to ${MOST_CHARACTERS} characters on one line`;
  if (!isOneLine(externalRef, MOST_CHARACTERS)) return `the writer's number: ${expected}`;
  if (/^\.{1,2}$/.test(externalRef))
    return "the writer's number: expected another than . and .., which no URL can hold";
  return name === null || isOneLine(name, MOST_CHARACTERS) ? undefined : `the writer's name: ${expected}`;
}

/** @returns undefined where there is such a writer already. @throws CountersignError INVALID_ARGUMENT */
async function createLocked(
  tx: Transaction,
  { externalRef, name, expiresAt }: NewWriter,
  { at }: By,
): Promise<LockedWriter | undefined> {
  const problem = writerProblem({ externalRef, name });
  if (problem !== undefined) throw new CountersignError('INVALID_ARGUMENT', `${problem}.`);
  await holdEnrolmentSettings(tx);
  const row = { id: randomUUID(), externalRef, name, expiresAt, state: 'enrolling' as const, createdAt: at };
  const inserted = await tx.insert(writers).values(row).onConflictDoNothing().returning({ id: writers.id });
  return inserted.length === 0 ? undefined : { ...row, isNew: true };
}

/** For a writer who was not there a moment ago: another process may have been quicker. */
export async function createOrLock(tx: Transaction, writer: NewWriter, by: By): Promise<LockedWriter> {
  const created = await createLocked(tx, writer, by);
  if (created !== undefined) return created;
  const there = await lockWriter(tx, writer.externalRef, by.at);
  return there === undefined ? createOrLock(tx, writer, by) : { ...there, isNew: false }; // erased again meanwhile
}

/**
 * For whoever has locked the writer, and required the model to be active before that.
 *
 * @throws CountersignError REFERENCE_DUPLICATE, INVALID_ARGUMENT, AUDIT_LOG_BROKEN
 */
export async function enrol(
  tx: Transaction,
  keys: KeyRing,
  writer: LockedWriter,
  added: readonly NewReference[],
  model: EnrollingModel,
  by: By,
): Promise<EnrolmentOutcome> {
  for (const reference of added) {
    const tooEarly = notYetWritten(reference, by.at);
    if (tooEarly !== undefined) throw tooEarly;
  }
  const duplicate = (await duplicatesOf(tx, writer.id, added)).values().next().value;
  if (duplicate !== undefined) throw duplicate;
  const settings = await readEnrolmentSettings(tx);
  const known = await referenceEmbeddings(tx, keys, writer.id, model.id);
  const candidates = added.map((reference) => ({ ...reference, id: randomUUID() }));
  const doubts = findMisfits(
    known.map(({ referenceId: id, embedding }) => ({ id, embedding })),
    candidates,
    model,
  );
  const references = candidates.map(({ id, imageHash }): EnrolledReference => {
    const doubt = doubts.get(id) ?? null;
    return { id, imageHash, state: doubt === null ? 'enrolled' : 'doubtful', doubt };
  });
  await insert(tx, keys, writer.id, candidates, doubts, { modelId: model.id, at: by.at, settings });
  const verdict = await refreshState(tx, writer, settings, by.at);
  await appendAudit(tx, keys, {
    ...by,
    action: writer.isNew ? 'writer.enrolled' : 'references.added',
    subjectIds: [writer.id, ...references.map(({ id }) => id)],
    imageHashes: references.map(({ imageHash }) => imageHash),
    modelId: model.id,
    result: verdict.state,
    details: { doubtful: references.filter(({ state }) => state === 'doubtful').map(({ id }) => id) },
  });
  return { writerId: writer.id, references, ...verdict };
}

/** The day that somebody writes down may have begun where they are. */
const A_DAY_MS = 86_400_000;

/** Written on a day to come, it would never age. */
export function notYetWritten({ name, capturedAt }: NewReference, at: Date): CountersignError | undefined {
  if (capturedAt === null || capturedAt.getTime() <= at.getTime() + A_DAY_MS) return undefined;
  const message = `${name}: expected when the signature was written; ${capturedAt.toISOString()} is to come.`;
  return new CountersignError('INVALID_ARGUMENT', message);
}

async function insert(
  tx: Transaction,
  keys: KeyRing,
  writerId: string,
  references: readonly (NewReference & { readonly id: string })[],
  doubts: ReadonlyMap<string, Doubt>,
  { modelId, at, settings }: { readonly modelId: string; readonly at: Date; readonly settings: EnrolmentSettings },
): Promise<void> {
  if (references.length === 0) return;
  await tx.insert(referenceSignatures).values(
    references.map(({ id, image, imageHash, pixelHash, quality, capturedAt }) => ({
      ...{ id, writerId, imageHash, pixelHash, quality, capturedAt, enrolledAt: at },
      image: keys.seal(image, referenceImageRow(id)),
      state: doubts.has(id) ? ('doubtful' as const) : ('enrolled' as const),
      doubt: doubts.get(id) ?? null,
    })),
  );
  await tx.insert(embeddings).values(
    references.map(({ id: referenceId, embedding }) => ({
      ...storedEmbedding(keys, { referenceId, modelId, embedding, sealed: settings.sealEmbeddings }),
      createdAt: at,
    })),
  );
}
