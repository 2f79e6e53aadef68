/** Writes a decision down: the row, its case where a person has to look, and the audit row, in one transaction. */
import { randomUUID } from 'node:crypto';
import type { Money } from '../policy/money.js';
import type { Decision } from '../verify/result.js';
import type { Thresholds } from '../verify/thresholds.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import { type PolicyVersion, policyTitle } from './policies.js';
import { cases, decisions, mandateDecisions } from './schema.js';
import { questionedImageRow } from './sealed-columns.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

/** What several decisions on one document have in common. */
export interface Occasion {
  readonly modelId: string;
  readonly policy: Pick<PolicyVersion, 'name' | 'version'> | null;
  readonly money: Money | null;
  readonly by: By;
}

export interface NewDecision {
  readonly writerId: string;
  /** The file, as it came, and its SHA-256. */
  readonly image: Uint8Array;
  readonly imageHash: string;
  readonly result: Decision;
  readonly reasons: readonly string[];
  readonly thresholds: Thresholds | undefined;
  readonly distance: number | null;
  readonly logLikelihoodRatio: number | null;
  /** To each reference, by its id. */
  readonly distances: Readonly<Record<string, number>>;
  /** Whether a person has to look, and whether two have to. */
  readonly review: { readonly twoPerson: boolean } | null;
}

export interface RecordedDecision {
  readonly decisionId: string;
  /** Null where no case was opened. */
  readonly caseId: string | null;
}

/** @param mandateDecisionId - of the document that it is on, null without a mandate */
export async function recordDecision(
  tx: Transaction,
  keys: KeyRing,
  decision: NewDecision,
  { modelId, policy, money, by }: Occasion,
  mandateDecisionId: string | null,
): Promise<RecordedDecision> {
  const { writerId, imageHash, result, reasons, thresholds, distance, logLikelihoodRatio, review } = decision;
  const decisionId = randomUUID();
  const caseId = review === null ? null : randomUUID();
  await tx.insert(decisions).values({
    ...{ id: decisionId, writerId, questionedImageHash: imageHash, modelId, mandateDecisionId },
    thresholds: thresholds === undefined ? {} : figuresOf(thresholds),
    ...{ distance, logLikelihoodRatio, result, reasons, evidence: { distances: decision.distances } },
    ...{ amount: money?.amount ?? null, currency: money?.currency ?? null, actor: by.actor, createdAt: by.at },
    ...{ policyName: policy?.name ?? null, policyVersion: policy?.version ?? null },
  });
  if (caseId !== null) {
    await tx.insert(cases).values({
      ...{ id: caseId, decisionId, state: 'open', twoPerson: review!.twoPerson, createdAt: by.at },
      questionedImage: keys.seal(decision.image, questionedImageRow(caseId)),
    });
  }
  await appendAudit(tx, keys, {
    ...{ ...by, action: 'decision.made', modelId, result, imageHashes: [imageHash] },
    subjectIds: [writerId, decisionId, ...(caseId === null ? [] : [caseId])],
    ...(policy !== null && { policy: policyTitle(policy) }),
    ...(thresholds !== undefined && { threshold: thresholds.acceptUpTo }),
    details: {
      ...{ distance, logLikelihoodRatio, rejectAbove: thresholds?.rejectAbove ?? null },
      ...{ references: Object.keys(decision.distances), ...money, mandateDecisionId },
    },
  });
  return { decisionId, caseId };
}

/** What was said of a whole document. @returns its id, for the decisions on its signatures */
export async function recordMandateDecision(
  tx: Transaction,
  keys: KeyRing,
  { result, reasons, writerIds }: MandateOutcome,
  { modelId, money, by }: Occasion,
  policy: Pick<PolicyVersion, 'name' | 'version'>,
): Promise<string> {
  const id = randomUUID();
  await tx.insert(mandateDecisions).values({
    ...{ id, policyName: policy.name, policyVersion: policy.version, result, reasons },
    ...{ amount: money?.amount ?? null, currency: money?.currency ?? null, actor: by.actor, createdAt: by.at },
  });
  await appendAudit(tx, keys, {
    ...{ ...by, action: 'mandate.decided', modelId, result, subjectIds: [id, ...writerIds] },
    ...{ policy: policyTitle(policy), details: { ...money } },
  });
  return id;
}

interface MandateOutcome {
  readonly result: Decision;
  readonly reasons: readonly string[];
  readonly writerIds: readonly string[];
}

const figuresOf = ({ acceptUpTo, rejectAbove }: Thresholds) => ({ acceptUpTo, rejectAbove });
