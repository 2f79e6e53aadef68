/**
 * Writes down what was decided on documents: the rows, a case where a person has to look, and what the audit log is to say
 * of it; of all of them in one transaction and with a few statements.
 */
import { randomUUID } from 'node:crypto';
import type { Money } from '../policy/money.js';
import type { Decision } from '../verify/result.js';
import type { Thresholds } from '../verify/thresholds.js';
import type { AuditEntry } from './audit-log.js';
import type { Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import { type PolicyVersion, policyTitle } from './policies.js';
import { cases, decisions, mandateDecisions } from './schema.js';
import { questionedImageRow } from './sealed-columns.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

/** What the decisions on one document have in common. */
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

export interface NewDocument extends Occasion {
  /** What was said of the whole document by the mandate of its policy; null without one. */
  readonly mandate: { readonly result: Decision; readonly reasons: readonly string[] } | null;
  readonly signatures: readonly NewDecision[];
}

export interface RecordedDecision {
  readonly decisionId: string;
  /** Null where no case was opened. */
  readonly caseId: string | null;
}

export interface RecordedDocument {
  readonly mandateDecisionId: string | null;
  /** In the order of the document. */
  readonly signatures: readonly RecordedDecision[];
}

export interface WrittenDocuments {
  /** In the order of the documents. */
  readonly recorded: readonly RecordedDocument[];
  /** To be appended to the audit log in the same transaction, last of all: its head is locked from then on. */
  readonly audit: readonly AuditEntry[];
}

export async function writeDocuments(
  tx: Transaction,
  keys: KeyRing,
  documents: readonly NewDocument[],
): Promise<WrittenDocuments> {
  if (documents.length === 0) return { recorded: [], audit: [] };
  const written = documents.map((document) => rowsOf(document, keys));
  const mandates = written.flatMap(({ mandate }) => mandate);
  const opened = written.flatMap((rows) => rows.cases);
  if (mandates.length > 0) await tx.insert(mandateDecisions).values(mandates);
  await tx.insert(decisions).values(written.flatMap((rows) => rows.decisions));
  if (opened.length > 0) await tx.insert(cases).values(opened);
  return { recorded: written.map(({ recorded }) => recorded), audit: written.flatMap(({ audit }) => audit) };
}

interface Rows {
  readonly mandate: readonly (typeof mandateDecisions.$inferInsert)[];
  readonly decisions: readonly (typeof decisions.$inferInsert)[];
  readonly cases: readonly (typeof cases.$inferInsert)[];
  readonly audit: readonly AuditEntry[];
  readonly recorded: RecordedDocument;
}

function rowsOf(document: NewDocument, keys: KeyRing): Rows {
  const { mandate, signatures, modelId, policy, money, by } = document;
  const mandateDecisionId = mandate === null ? null : randomUUID();
  const occasion = {
    ...{ amount: money?.amount ?? null, currency: money?.currency ?? null, actor: by.actor, createdAt: by.at },
    ...{ policyName: policy?.name ?? null, policyVersion: policy?.version ?? null },
  };
  const recorded = signatures.map(({ review }) => ({
    decisionId: randomUUID(),
    caseId: review === null ? null : randomUUID(),
  }));
  const each = signatures.map((signature, i) => ({ ...signature, ...recorded[i]! }));
  const ofPolicy = policy === null ? {} : { policy: policyTitle(policy) };
  return {
    recorded: { mandateDecisionId, signatures: recorded },
    mandate:
      mandate === null
        ? []
        : [
            {
              ...occasion,
              id: mandateDecisionId!,
              policyName: policy!.name,
              policyVersion: policy!.version,
              signatures: signatures.length,
              ...mandate,
            },
          ],
    decisions: each.map(({ decisionId, writerId, imageHash, thresholds, distances, ...decision }) => ({
      ...{ ...occasion, id: decisionId, writerId, questionedImageHash: imageHash, modelId, mandateDecisionId },
      ...{ distance: decision.distance, logLikelihoodRatio: decision.logLikelihoodRatio },
      ...{ result: decision.result, reasons: decision.reasons, evidence: { distances } },
      thresholds: thresholds === undefined ? {} : figuresOf(thresholds),
    })),
    cases: each.flatMap(({ decisionId, caseId, review, image }) =>
      caseId === null
        ? []
        : [
            {
              ...{ id: caseId, decisionId, state: 'open' as const, twoPerson: review!.twoPerson, createdAt: by.at },
              questionedImage: keys.seal(image, questionedImageRow(caseId)),
            },
          ],
    ),
    audit: [
      ...(mandate === null
        ? []
        : [
            {
              ...{ ...by, action: 'mandate.decided', modelId, result: mandate.result, ...ofPolicy },
              subjectIds: [mandateDecisionId!, ...signatures.map(({ writerId }) => writerId)],
              details: { ...money },
            },
          ]),
      ...each.map(({ decisionId, caseId, writerId, imageHash, thresholds, ...decision }) => ({
        ...{ ...by, action: 'decision.made', modelId, result: decision.result, ...ofPolicy, imageHashes: [imageHash] },
        subjectIds: [writerId, decisionId, ...(caseId === null ? [] : [caseId])],
        ...(thresholds !== undefined && { threshold: thresholds.acceptUpTo }),
        details: {
          ...{ distance: decision.distance, logLikelihoodRatio: decision.logLikelihoodRatio },
          ...{ rejectAbove: thresholds?.rejectAbove ?? null, references: Object.keys(decision.distances) },
          ...{ ...money, mandateDecisionId },
        },
      })),
    ],
  };
}

const figuresOf = ({ acceptUpTo, rejectAbove }: Thresholds) => ({ acceptUpTo, rejectAbove });
