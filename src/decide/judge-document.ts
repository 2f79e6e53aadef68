/** What is said of a document, by what the store knows of its writers and its policy: no database, no image. */
import { CountersignError } from '../core/errors.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { bandFor } from '../policy/apply.js';
import type { Band } from '../policy/document.js';
import { judgeMandate } from '../policy/mandate.js';
import type { Money } from '../policy/money.js';
import { notFound, type Writer } from '../store/find-writer.js';
import type { PolicyVersion } from '../store/policies.js';
import type { NewDecision, NewDocument } from '../store/record-decision.js';
import type { ReferenceEmbedding } from '../store/reference-embeddings.js';
import type { Decision } from '../verify/result.js';
import type { Grounds } from './grounds.js';
import { type Judgement, judgeSignature } from './judge-signature.js';
import type { Questioned } from './questioned.js';

/** A document whose images were embedded. */
export interface PreparedDocument {
  readonly signatures: readonly { readonly writer: string; readonly questioned: Questioned }[];
  readonly policy: string | undefined;
  readonly money: Money | null;
}

/** What the store knows, at one instant, of the documents that are to be judged. */
export interface Known {
  /** By the operator's numbers. */
  readonly writers: ReadonlyMap<string, Writer>;
  /** By the ids of their writers. */
  readonly references: ReadonlyMap<string, readonly ReferenceEmbedding[]>;
  /** By their names: the version that holds, or why none does. */
  readonly policies: ReadonlyMap<string, PolicyVersion | CountersignError>;
  /** What mandates call writers, by their ids. */
  readonly signers: ReadonlyMap<string, string>;
}

export interface JudgedDocument {
  readonly policy: PolicyVersion | null;
  readonly money: Money | null;
  readonly mandate: NewDocument['mandate'];
  readonly signatures: readonly JudgedSignature[];
}

export interface JudgedSignature extends NewDecision {
  /** The operator's number. */
  readonly writer: string;
  readonly judgement: Judgement;
}

/** @throws CountersignError POLICY_NOT_FOUND, POLICY_NOT_APPLICABLE, TARGET_UNSUPPORTED, WRITER_NOT_FOUND */
export function judgeDocument(
  model: ModelMetadata,
  grounds: Grounds,
  { signatures, policy: policyName, money }: PreparedDocument,
  known: Known,
  at: Date,
): JudgedDocument {
  const policy = policyName === undefined ? null : requirePolicy(known, policyName);
  const band = policy && bandFor(policy.document, money, at);
  const ground = grounds(policy, band);
  const rules = policy?.document.mandate;
  if (rules === undefined && signatures.length > 1) throw noMandate(policyName);
  const judged = signatures.map(({ writer: number, questioned }) => {
    const writer = known.writers.get(number) ?? notFound(number);
    const references = known.references.get(writer.id) ?? [];
    const embeddings = references.map(({ embedding }) => embedding);
    const judgement = judgeSignature(model, writer, embeddings, questioned, ground);
    const { distances = [] } = judgement.comparison ?? {};
    const byReference = Object.fromEntries(distances.map((distance, i) => [references[i]!.referenceId, distance]));
    return { writer: number, writerId: writer.id, questioned, judgement, distances: byReference };
  });
  const said = judged.map(({ writerId, judgement: { result } }) => {
    return { signer: known.signers.get(writerId) ?? writerId, result }; // who is in no mandate counts for none
  });
  const mandate = rules === undefined ? null : judgeMandate(rules, money?.amount ?? null, said);
  return {
    ...{ policy, money, mandate },
    signatures: judged.map(({ questioned: { image, imageHash }, judgement, ...signature }) => {
      const { result, reasons, comparison, thresholds } = judgement;
      const { distance = null, logLikelihoodRatio = null } = comparison ?? {};
      const review = needsPerson(result, band, mandate?.result) ? { twoPerson: band?.twoPerson ?? false } : null;
      const facts = { result, reasons, thresholds, distance, logLikelihoodRatio, review };
      return { ...signature, ...facts, image, imageHash, judgement };
    }),
  };
}

function requirePolicy({ policies }: Known, name: string): PolicyVersion {
  const policy = policies.get(name)!;
  if (policy instanceof CountersignError) throw policy;
  return policy;
}

/** Also where the document goes to a person, for a signature of it that is not accepted. */
function needsPerson(result: Decision, band: Band | null, ofDocument: Decision | undefined): boolean {
  if (result === 'review' || band?.casesFor.includes(result)) return true;
  return ofDocument === 'review' && result !== 'accept';
}

function noMandate(policy: string | undefined): CountersignError {
  const which = policy === undefined ? 'no policy was named' : `policy ${policy} has none`;
  const message = `Several signatures on one document are decided by a mandate; ${which}.`;
  return new CountersignError('POLICY_NOT_APPLICABLE', message);
}
