/** Is this the signature of the enrolled writer, and may it be acted on? Embed, look up, judge, write down. */
import { CountersignError } from '../core/errors.js';
import type { DecodeLimits } from '../image/options.js';
import { MOST_SIGNATURES } from '../policy/mandate.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { requireActiveModel } from '../store/active-model.js';
import { type AuditEntry, appendAudit } from '../store/audit-log.js';
import type { Alongside, Transaction } from '../store/database.js';
import { shareWriters } from '../store/find-writer.js';
import { activePolicy, type PolicyVersion } from '../store/policies.js';
import { type RecordedDocument, writeDocuments } from '../store/record-decision.js';
import { embeddingsOfWriters } from '../store/reference-embeddings.js';
import { signerIds } from '../store/signers.js';
import type { Store } from '../store/store.js';
import type { OperatingPointTarget } from '../verify/thresholds.js';
import { createGrounds } from './grounds.js';
import { type JudgedDocument, judgeDocument, type Known, type PreparedDocument } from './judge-document.js';
import type { DocumentDecision, Question } from './question.js';
import { type Questioned, tryQuestioned } from './questioned.js';

export interface DeciderOptions {
  /** Error rates to keep where no policy is named. */
  readonly operatingPoint?: OperatingPointTarget;
  readonly limits?: DecodeLimits;
}

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface Decider {
  /**
   * @param alongside - where it throws, nothing is written down either; it may run more than once (see `Alongside`)
   * @throws CountersignError IMAGE_* for files that cannot be read; WRITER_NOT_FOUND, MODEL_NOT_ACTIVE, POLICY_NOT_FOUND,
   *   POLICY_NOT_APPLICABLE; TARGET_UNSUPPORTED where the calibration cannot keep the rates; INVALID_ARGUMENT for no
   *   signature, one writer or one file twice, or too many; AUDIT_LOG_BROKEN. Nothing is written down then
   */
  decide(question: Question, by: By, alongside?: Alongside<DocumentDecision>): Promise<DocumentDecision>;
  /** The first half of it, for many: images to embeddings, no database. @returns in their order; what is refused in its place */
  prepare(questions: readonly Question[]): Promise<readonly (PreparedDocument | CountersignError)[]>;
  /**
   * The second half: all of them in the transaction, with a few statements for all.
   *
   * @param alongside - hears what is returned, before the audit log is locked; where it throws, nothing is written down. It
   *   runs as often as `tx` does (see `Alongside`)
   * @returns in their order; a document that is refused (WRITER_NOT_FOUND, POLICY_*, TARGET_UNSUPPORTED) is told in its
   *   place, and nothing is written down of it
   * @throws CountersignError MODEL_NOT_ACTIVE, AUDIT_LOG_BROKEN, KEY_MISSING, DECRYPTION_FAILED
   */
  decideIn(
    tx: Transaction,
    documents: readonly PreparedDocument[],
    by: By,
    alongside?: Alongside<DecidedDocuments>,
  ): Promise<DecidedDocuments>;
}

export type DecidedDocuments = readonly (DecidedDocument | CountersignError)[];

export type DecidedDocument = Omit<DocumentDecision, 'timingMs'>;

/**
 * @example
 * const decider = createDecider(store, await openEmbedder(model));
 * const signatures = [{ writer: '4711', image: 'cheque.png' }];
 * const { decision, reasons } = await decider.decide({ signatures, policy: 'cheques', money }, { at, actor: 'teller' });
 */
export function createDecider(store: Store, embedder: ModelEmbedder, options: DeciderOptions = {}): Decider {
  const { metadata: model } = embedder;
  const { keys } = store;
  const grounds = createGrounds(model, options.operatingPoint);

  const prepare: Decider['prepare'] = async (questions) => {
    const sources = questions.flatMap(({ signatures }) => signatures.map(({ image }) => image));
    const questioned = (await tryQuestioned(embedder, sources, options.limits)).values();
    return questions.map((question) => {
      const own = question.signatures.map(() => questioned.next().value!);
      return attempt(() => documentOf(question, own));
    });
  };

  const decideIn: Decider['decideIn'] = async (tx, documents, by, alongside) => {
    const known = await lookUp(tx, documents, by.at);
    await requireActiveModel(tx, model.id); // by now: else some of its embeddings may have been gone already
    const judged = documents.map((document) => attempt(() => judgeDocument(model, grounds, document, known, by.at)));
    const accepted = judged.filter((one): one is JudgedDocument => !(one instanceof CountersignError));
    const occasion = { modelId: model.id, by };
    const { recorded, audit } = await writeDocuments(
      tx,
      keys,
      accepted.map((one) => ({ ...one, ...occasion })),
    );
    const written = recorded.values();
    const decided = judged.map((one) =>
      one instanceof CountersignError ? one : { ...answerOf(one, written.next().value!), modelId: model.id },
    );
    await alongside?.(tx, decided);
    if (audit.length > 0) await appendAudit(tx, keys, ...audit);
    return decided;
  };

  /** Nobody changes or erases the writers until the transaction ends. */
  async function lookUp(tx: Transaction, documents: readonly PreparedDocument[], at: Date): Promise<Known> {
    const numbers = new Set(documents.flatMap(({ signatures }) => signatures.map(({ writer }) => writer)));
    const writers = await shareWriters(tx, [...numbers], at);
    const ids = [...writers.values()].map(({ id }) => id);
    const embedded = await embeddingsOfWriters(tx, keys, ids, model.id);
    const policies = new Map<string, PolicyVersion | CountersignError>();
    for (const name of new Set(documents.flatMap(({ policy }) => policy ?? []))) {
      policies.set(name, await activePolicy(tx, name, at).catch(told));
    }
    const hasMandate = [...policies.values()].some((policy) => 'document' in policy && policy.document.mandate);
    return {
      ...{ writers, policies },
      references: new Map(embedded.map(({ writerId, references }) => [writerId, references])),
      signers: hasMandate ? await signerIds(tx, ids) : new Map(),
    };
  }

  return {
    prepare,
    decideIn,
    async decide(question, by, alongside) {
      const started = performance.now();
      requireSignatures(question); // before anything is embedded
      const document = required((await prepare([question]))[0]!);
      const timed = (decided: DecidedDocument) => ({ ...decided, timingMs: performance.now() - started });
      const decided = await store.database.transaction(async (tx) => {
        const one = timed(required((await decideIn(tx, [document], by))[0]!));
        await alongside?.(tx, one);
        return one;
      });
      return timed(decided); // it lasts by now
    },
  };
}

/** @throws CountersignError those of its files; INVALID_ARGUMENT */
function documentOf(question: Question, questioned: readonly (Questioned | CountersignError)[]): PreparedDocument {
  requireSignatures(question);
  const { signatures, policy, money = null } = question;
  const signed = signatures.map(({ writer }, i) => ({ writer, questioned: required(questioned[i]!) }));
  requireDistinct('a file for each signature', signed, (one) => one.questioned.imageHash);
  return { signatures: signed, policy, money };
}

function answerOf({ policy, money, mandate, signatures }: JudgedDocument, recorded: RecordedDocument) {
  const { result, reasons } = mandate ?? signatures[0]!.judgement;
  return {
    ...{ decision: result, reasons, mandateDecisionId: recorded.mandateDecisionId, money },
    policy: policy && { name: policy.name, version: policy.version },
    signatures: signatures.map(({ writer, writerId, judgement, distances, distance, logLikelihoodRatio }, i) => ({
      ...{ ...recorded.signatures[i]!, writer, writerId, decision: judgement.result, reasons: judgement.reasons },
      ...{ distance, logLikelihoodRatio, similarity: judgement.comparison?.similarity ?? null },
      ...{ thresholds: judgement.thresholds ?? null, distances },
    })),
  };
}

function told(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  throw error;
}

function attempt<T>(work: () => T): T | CountersignError {
  try {
    return work();
  } catch (error) {
    return told(error);
  }
}

function required<T extends object>(outcome: T | CountersignError): T {
  if (outcome instanceof CountersignError) throw outcome;
  return outcome;
}

function requireSignatures({ signatures }: Question): void {
  const { length } = signatures;
  if (length < 1 || length > MOST_SIGNATURES) {
    const message = `Expected 1 to ${MOST_SIGNATURES} signatures on a document; ${length} came.`;
    throw new CountersignError('INVALID_ARGUMENT', message);
  }
  requireDistinct('one signature of each writer', signatures, ({ writer }) => writer);
}

function requireDistinct<T>(expected: string, items: readonly T[], of: (item: T) => string): void {
  if (new Set(items.map(of)).size === items.length) return;
  throw new CountersignError('INVALID_ARGUMENT', `Expected ${expected}; one came twice.`);
}
