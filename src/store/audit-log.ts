/**
 * The audit log: append-only, and each row carries the hash of the row before. The head, the last row's number and hash,
 * is sealed with a key that is not in the database; so not only a change, a removal and a new order are found, but also
 * a chain that was cut short, or one that was written anew as a whole.
 */
import { asc, gt } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';
import type { Database, Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import { auditHead, auditLog } from './schema.js';

/**
 * What is put on record. It stays when a writer is erased: ids, hashes and figures only, no name, no operator's number,
 * no words that a person wrote about another.
 */
export interface AuditEntry {
  readonly at: Date;
  /** Who did it. */
  readonly actor: string;
  /** What was done, as `writer.enrolled`. */
  readonly action: string;
  /** Writers, references, decisions, cases: their ids. */
  readonly subjectIds?: readonly string[];
  /** SHA-256, hexadecimal. */
  readonly imageHashes?: readonly string[];
  readonly modelId?: string;
  /** Name and version. */
  readonly policy?: string;
  readonly threshold?: number;
  readonly result?: string;
  /** Further figures; JSON. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export type AuditRow = typeof auditLog.$inferSelect;
export type AuditHead = typeof auditHead.$inferSelect;

const ROWS_AT_A_TIME = 1000;

/**
 * Appends in the transaction of what is recorded: both last, or neither. The head's lock brings all of them into one
 * order; take it late in the transaction, and once for all that the transaction does.
 *
 * @param entries - in the order in which they happened; one or more
 * @returns the number of the last row
 * @throws CountersignError AUDIT_LOG_BROKEN where the head was altered, so that no append covers that up
 */
export async function appendAudit(tx: Transaction, keys: KeyRing, ...entries: readonly AuditEntry[]): Promise<number> {
  const [head] = await tx.select().from(auditHead).for('update');
  const broken = headProblem(head, keys);
  if (head === undefined || broken !== undefined) throw brokenLog(0, broken!);
  let { seq, hash } = head;
  const rows = entries.map((entry) => {
    const row = { ...rowOf(entry), seq: ++seq, previousHash: hash };
    hash = hashOf(row);
    return { ...row, hash };
  });
  await tx.insert(auditLog).values(rows);
  await tx.update(auditHead).set(sealHead(keys, { storeId: head.storeId, seq, hash }));
  return seq;
}

/** Appends what is recorded of something outside the database: before it is there, so that nothing is that is not on record. */
export async function recordEvent(
  { database, keys }: { readonly database: Database; readonly keys: KeyRing },
  entry: AuditEntry,
): Promise<void> {
  await database.transaction((tx) => appendAudit(tx, keys, entry));
}

function rowOf(entry: AuditEntry): Omit<AuditRow, 'seq' | 'previousHash' | 'hash'> {
  return {
    at: entry.at,
    actor: entry.actor,
    action: entry.action,
    subjectIds: entry.subjectIds ?? [],
    imageHashes: entry.imageHashes ?? [],
    modelId: entry.modelId ?? null,
    policy: entry.policy ?? null,
    threshold: entry.threshold ?? null,
    result: entry.result ?? null,
    details: JSON.stringify(entry.details ?? {}),
  };
}

/** The head of a chain without rows. */
export function firstHead(keys: KeyRing, storeId: string): Omit<AuditHead, 'single'> {
  return sealHead(keys, { storeId, seq: 0, hash: genesisHash(storeId) });
}

export type AuditVerification =
  | { readonly valid: true; readonly rows: number }
  /** `seq`: the first row that is not as it was written; 0 is the head. */
  | { readonly valid: false; readonly seq: number; readonly problem: string };

/** Reads the whole chain, as it stands at one instant. */
export function verifyAuditLog(database: Database, keys: KeyRing): Promise<AuditVerification> {
  return database.transaction(async (tx) => {
    await tx.setTransaction({ isolationLevel: 'repeatable read', accessMode: 'read only' });
    const [head] = await tx.select().from(auditHead);
    const problem = headProblem(head, keys);
    if (head === undefined || problem !== undefined) return { valid: false, seq: 0, problem: problem! };
    let seq = 0;
    let hash = genesisHash(head.storeId);
    while (true) {
      const rows = await tx
        .select()
        .from(auditLog)
        .where(gt(auditLog.seq, seq))
        .orderBy(asc(auditLog.seq))
        .limit(ROWS_AT_A_TIME);
      for (const row of rows) {
        const wrong = rowProblem(row, seq + 1, hash);
        if (wrong !== undefined) return { valid: false, seq: seq + 1, problem: wrong };
        ({ seq, hash } = row);
      }
      if (rows.length < ROWS_AT_A_TIME) break;
    }
    if (seq < head.seq) return { valid: false, seq: seq + 1, problem: `the log ends here; its head is at ${head.seq}` };
    if (seq > head.seq) return { valid: false, seq: head.seq + 1, problem: `a row behind the head at ${head.seq}` };
    return hash === head.hash
      ? { valid: true, rows: seq }
      : { valid: false, seq, problem: "its hash is not the head's: the chain was written anew" };
  });
}

export function brokenLog(seq: number, problem: string): CountersignError {
  return new CountersignError('AUDIT_LOG_BROKEN', `Row ${seq} of the audit log: ${problem}.`, { details: { seq } });
}

function rowProblem(row: AuditRow, expectedSeq: number, previousHash: string): string | undefined {
  if (row.seq !== expectedSeq) return `it is missing; row ${row.seq} follows`;
  if (row.previousHash !== previousHash) return 'it does not follow from the row before';
  if (row.hash !== hashOf(row)) return 'it was altered';
  return undefined;
}

function headProblem(head: AuditHead | undefined, keys: KeyRing): string | undefined {
  if (head === undefined) return 'the head is missing';
  if (!keys.has(head.keyId)) return `the head names key ${head.keyId}, which is none of those given`;
  return keys.isAuthentic(headText(head), head.keyId, head.seal) ? undefined : 'the head was altered';
}

function sealHead(keys: KeyRing, head: Pick<AuditHead, 'storeId' | 'seq' | 'hash'>) {
  const keyId = keys.currentId;
  return { ...head, keyId, seal: keys.authenticate(headText({ ...head, keyId }), keyId) };
}

const headText = ({ storeId, seq, hash, keyId }: Omit<AuditHead, 'single' | 'seal'>) =>
  JSON.stringify([storeId, seq, hash, keyId]);

const genesisHash = (storeId: string) => sha256(storeId);

/** SHA-256 of every column in a fixed order, as a JSON array: one text for one row, and no two rows share it. */
function hashOf(row: Omit<AuditRow, 'hash'>): string {
  return sha256(
    JSON.stringify([
      row.seq,
      row.at.getTime(), // NaN, written as null, where the database was made to hold no instant of JavaScript's
      row.actor,
      row.action,
      row.subjectIds,
      row.imageHashes,
      row.modelId,
      row.policy,
      exactly(row.threshold),
      row.result,
      row.details,
      row.previousHash,
    ]),
  );
}

/** JSON has no NaN, infinity or -0; a database has. */
function exactly(value: number | null): string | null {
  if (value === null) return null;
  return Object.is(value, -0) ? '-0' : String(value);
}
