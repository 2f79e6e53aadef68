/**
 * Cases that a person has to look at: claimed for a while, decided with a reason, or given back. What people say stays
 * apart from what the network said.
 */
import { and, asc, eq, lte, ne, notExists, or, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Alongside, Transaction } from './database.js';
import { findCase, outcomeOf, type PersonVerdict, type ReviewCase } from './review-cases.js';
import { reviewDocument } from './review-document.js';
import { cases, caseVerdicts } from './schema.js';
import type { Store } from './store.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

/**
 * Nobody else decides the case until the claim is decided, released, or has run out. Claimed again by the same person, it
 * runs anew.
 *
 * @param beginning - which case; without it the oldest that this person may take
 * @throws CountersignError CASE_NOT_FOUND, CASE_NOT_AVAILABLE
 */
export function claimCase(
  { database, keys }: Store,
  beginning: string | undefined,
  expiresAt: Date,
  by: By,
): Promise<ReviewCase> {
  return database.transaction(async (tx) => {
    const wanted = beginning === undefined ? undefined : (await findCase(tx, beginning, by.at)).id;
    const said = tx
      .select({ one: sql`1` })
      .from(caseVerdicts)
      .where(and(eq(caseVerdicts.caseId, cases.id), eq(caseVerdicts.actor, by.actor)));
    const [free] = await tx
      .select({ id: cases.id })
      .from(cases)
      .where(
        and(
          ne(cases.state, 'decided'),
          or(ne(cases.state, 'claimed'), eq(cases.claimedBy, by.actor), lte(cases.claimExpiresAt, by.at)),
          notExists(said),
          wanted === undefined ? undefined : eq(cases.id, wanted),
        ),
      )
      .orderBy(asc(cases.createdAt), asc(cases.id))
      .limit(1)
      .for('update', wanted === undefined ? { skipLocked: true } : {});
    if (free === undefined) throw await unavailable(tx, wanted, by);
    await tx
      .update(cases)
      .set({ state: 'claimed', claimedBy: by.actor, claimExpiresAt: expiresAt })
      .where(eq(cases.id, free.id));
    const claimed = await findCase(tx, free.id, by.at);
    await appendAudit(tx, keys, entryOf(by, 'case.claimed', claimed, { until: expiresAt.toISOString() }));
    return claimed;
  });
}

/**
 * Says a verdict on a case that this person has claimed. Where two people must agree it waits for another one, until
 * two have said the same. With the last case of a document the document is decided anew.
 *
 * @param alongside - where it throws, nothing is said either
 * @throws CountersignError CASE_NOT_FOUND, CASE_NOT_AVAILABLE; INVALID_ARGUMENT without a reason
 */
export async function decideCase(
  { database, keys }: Store,
  beginning: string,
  { verdict, reason }: Pick<PersonVerdict, 'verdict' | 'reason'>,
  by: By,
  alongside?: Alongside<ReviewCase>,
): Promise<ReviewCase> {
  if (reason.trim() === '') throw new CountersignError('INVALID_ARGUMENT', 'Expected a reason in words; none came.');
  return database.transaction(async (tx) => {
    const { id, twoPerson, verdicts, network } = await requireClaimed(tx, beginning, by);
    await tx.insert(caseVerdicts).values({ caseId: id, actor: by.actor, verdict, reason, at: by.at });
    const outcome = outcomeOf(twoPerson, [...verdicts, { verdict }]);
    const state = outcome === null ? ('open' as const) : ('decided' as const);
    const decidedAt = outcome === null ? null : by.at;
    await tx.update(cases).set({ state, claimedBy: null, claimExpiresAt: null, decidedAt }).where(eq(cases.id, id));
    const document = outcome === null ? undefined : await reviewDocument(tx, network.decisionId, by);
    const decided = await findCase(tx, id, by.at);
    const said = entryOf(by, 'case.verdict', decided, { verdict, outcome });
    await appendAudit(tx, keys, said, ...(document === undefined ? [] : [document]));
    await alongside?.(tx, decided);
    return decided;
  });
}

/** Gives a claimed case back to the queue. @throws CountersignError CASE_NOT_FOUND, CASE_NOT_AVAILABLE */
export function releaseCase({ database, keys }: Store, beginning: string, by: By): Promise<ReviewCase> {
  return database.transaction(async (tx) => {
    const { id } = await requireClaimed(tx, beginning, by);
    await tx.update(cases).set({ state: 'released', claimedBy: null, claimExpiresAt: null }).where(eq(cases.id, id));
    const released = await findCase(tx, id, by.at);
    await appendAudit(tx, keys, entryOf(by, 'case.released', released, {}));
    return released;
  });
}

/** The case, locked, where this person holds it. */
async function requireClaimed(tx: Transaction, beginning: string, by: By): Promise<ReviewCase> {
  const { id } = await findCase(tx, beginning, by.at);
  await tx.select({ id: cases.id }).from(cases).where(eq(cases.id, id)).for('update');
  const found = await findCase(tx, id, by.at);
  if (found.state === 'claimed' && found.claimedBy === by.actor) return found;
  throw notAvailable(found, by, found.state === 'decided' ? 'it is decided' : `${by.actor} has not claimed it`);
}

async function unavailable(tx: Transaction, id: string | undefined, by: By): Promise<CountersignError> {
  if (id === undefined) {
    return new CountersignError('CASE_NOT_AVAILABLE', `No case waits that ${by.actor} may take.`);
  }
  const found = await findCase(tx, id, by.at);
  if (found.state === 'decided') return notAvailable(found, by, 'it is decided');
  return found.state === 'claimed'
    ? notAvailable(found, by, `${found.claimedBy} holds it until ${found.claimExpiresAt!.toISOString()}`)
    : notAvailable(found, by, `${by.actor} has said a verdict on it; another person has to`);
}

function notAvailable({ id, state }: ReviewCase, { actor }: By, reason: string): CountersignError {
  const details = { caseId: id, state, actor };
  return new CountersignError('CASE_NOT_AVAILABLE', `Case ${id} cannot be taken: ${reason}.`, { details });
}

/** Without the words that a person wrote. */
function entryOf(
  by: By,
  action: string,
  { id, writerId, network, state }: ReviewCase,
  details: Readonly<Record<string, unknown>>,
): AuditEntry {
  return {
    ...{ ...by, action, result: state, details },
    ...{ subjectIds: [id, network.decisionId, writerId], imageHashes: [network.imageHash] },
  };
}
