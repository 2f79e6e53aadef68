/** Decides a document anew, once people have decided on all of its signatures that went to one. */
import { eq } from 'drizzle-orm';
import { judgeReviewed, type ReviewedVerdict } from '../policy/mandate.js';
import type { Decision } from '../verify/result.js';
import type { AuditEntry } from './audit-log.js';
import type { Transaction } from './database.js';
import { findPolicy, policyTitle } from './policies.js';
import { readCases, type Verdict } from './review-cases.js';
import { decisions, mandateDecisions } from './schema.js';
import { signerIds } from './signers.js';

/** What a signature counts as after a person's verdict on it. */
const COUNTS_AS = { genuine: 'accept', forged: 'reject', inconclusive: 'inconclusive' } as const satisfies Record<
  Verdict,
  Decision
>;

/**
 * For whoever has just decided a case; what the network said of the document stays as it was.
 *
 * @param decisionId - of the case's signature
 * @returns what is to be put on record; undefined where it is on no such document, or another of its cases waits
 */
export async function reviewDocument(
  tx: Transaction,
  decisionId: string,
  by: Pick<AuditEntry, 'at' | 'actor'>,
): Promise<AuditEntry | undefined> {
  const [on] = await tx.select({ id: decisions.mandateDecisionId }).from(decisions).where(eq(decisions.id, decisionId));
  if (!on?.id) return undefined;
  // Locked, so that of two people who decide its last two cases at once, one sees what the other said.
  const isDocument = eq(mandateDecisions.id, on.id);
  const [document] = await tx.select().from(mandateDecisions).where(isDocument).for('update');
  const reviewed = await readCases(tx, eq(decisions.mandateDecisionId, on.id), by.at);
  if (reviewed.some(({ outcome }) => outcome === null)) return undefined;

  const { id, writerId, result, mandateDecisionId } = decisions;
  const signed = await tx.select({ id, writerId, result }).from(decisions).where(eq(mandateDecisionId, on.id));
  const outcomes = new Map(reviewed.map(({ network, outcome }) => [network.decisionId, outcome!]));
  const said = signed.map((signature) => {
    const outcome = outcomes.get(signature.id);
    return { writerId: signature.writerId, result: outcome === undefined ? signature.result : COUNTS_AS[outcome] };
  });
  const verdict = signed.length < document!.signatures ? ERASED : await judge(tx, document!, said);
  await tx
    .update(mandateDecisions)
    .set({ reviewedResult: verdict.result, reviewedReasons: verdict.reasons, reviewedAt: by.at })
    .where(isDocument);
  const { policyName: name, policyVersion: version } = document!;
  return {
    ...{ ...by, action: 'mandate.reviewed', result: verdict.result, policy: policyTitle({ name, version }) },
    subjectIds: [on.id, ...said.map((signature) => signature.writerId)],
  };
}

const ERASED: ReviewedVerdict = {
  result: 'inconclusive',
  reasons: ['Somebody who signed was erased before people had decided on all signatures.'],
};

async function judge(
  tx: Transaction,
  { policyName, policyVersion, amount }: typeof mandateDecisions.$inferSelect,
  said: readonly { readonly writerId: string; readonly result: Decision }[],
): Promise<ReviewedVerdict> {
  const { document } = await findPolicy(tx, policyName, policyVersion);
  const ids = await signerIds(
    tx,
    said.map(({ writerId }) => writerId),
  );
  return judgeReviewed(
    document.mandate!,
    amount,
    said.map(({ writerId, result }) => ({ signer: ids.get(writerId) ?? writerId, result })),
  );
}
