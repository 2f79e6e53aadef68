/** Is this the signature of the enrolled writer, and may it be acted on? Embed, look up, judge, write down. */
import { CountersignError } from '../core/errors.js';
import type { DecodeLimits } from '../image/options.js';
import { bandFor, bandThresholds, describeBand } from '../policy/apply.js';
import type { Band, Mandate } from '../policy/document.js';
import { judgeMandate, type MandateVerdict, MOST_SIGNATURES } from '../policy/mandate.js';
import type { Money } from '../policy/money.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { requireActiveModel } from '../store/active-model.js';
import type { AuditEntry } from '../store/audit-log.js';
import type { Alongside, Transaction } from '../store/database.js';
import { lockWriter, notFound } from '../store/find-writer.js';
import { activePolicy, type PolicyVersion, policyTitle } from '../store/policies.js';
import { type Occasion, recordDecision, recordMandateDecision } from '../store/record-decision.js';
import { referenceEmbeddings } from '../store/reference-embeddings.js';
import { signerIds } from '../store/signers.js';
import type { Store } from '../store/store.js';
import type { Decision } from '../verify/result.js';
import { chooseThresholds, type OperatingPointTarget } from '../verify/thresholds.js';
import { type Ground, type Judgement, judgeSignature } from './judge-signature.js';
import type { DocumentDecision, Question, SignatureDecision } from './question.js';
import { prepareQuestioned, type Questioned } from './questioned.js';

export interface DeciderOptions {
  /** Error rates to keep where no policy is named. */
  readonly operatingPoint?: OperatingPointTarget;
  readonly limits?: DecodeLimits;
}

export interface Decider {
  /**
   * @throws CountersignError IMAGE_* for files that cannot be read; WRITER_NOT_FOUND, MODEL_NOT_ACTIVE, POLICY_NOT_FOUND,
   *   POLICY_NOT_APPLICABLE; TARGET_UNSUPPORTED where the calibration cannot keep the rates; INVALID_ARGUMENT for no
   *   signature, one writer or one file twice, or too many; AUDIT_LOG_BROKEN. Nothing is written down then
   *
   * @param alongside - where it throws, nothing is written down either
   */
  decide(
    question: Question,
    by: Pick<AuditEntry, 'at' | 'actor'>,
    alongside?: Alongside<DocumentDecision>,
  ): Promise<DocumentDecision>;
}

/**
 * @example
 * const decider = createDecider(store, await openEmbedder(model));
 * const signatures = [{ writer: '4711', image: 'cheque.png' }];
 * const { decision, reasons } = await decider.decide({ signatures, policy: 'cheques', money }, { at, actor: 'teller' });
 */
export function createDecider(store: Store, embedder: ModelEmbedder, options: DeciderOptions = {}): Decider {
  const { metadata: model } = embedder;
  const { operatingPoint } = options;
  const withoutPolicy: Ground = {
    thresholds: chooseThresholds(model, { ...(operatingPoint && { operatingPoint }) }),
    minimumReferences: 1,
  };
  const known = new Map<string, Ground>(); // thresholds take a bootstrap each

  /** The part of a policy that holds; the same every time, for what it has worked out. */
  const groundOf = ({ name, version, document }: PolicyVersion, band: Band): Ground => {
    const key = `${policyTitle({ name, version })} ${document.bands.indexOf(band)}`;
    const ground = known.get(key) ?? {
      thresholds: bandThresholds(model, document, band),
      minimumReferences: document.minimumReferences,
      because: `Policy ${name}, version ${version}, ${describeBand(band, document)}.`,
    };
    known.set(key, ground);
    return ground;
  };

  return {
    async decide({ signatures, policy: policyName, money = null }, by, alongside) {
      const started = performance.now();
      requireFew(signatures.length);
      requireDistinct('one signature of each writer', signatures, ({ writer }) => writer);
      const prepared: Signed[] = [];
      for (const { writer, image } of signatures) {
        prepared.push({ writer, questioned: await prepareQuestioned(embedder, image, options.limits) });
      }
      requireDistinct('a file for each signature', prepared, ({ questioned }) => questioned.imageHash);
      const timingMs = () => performance.now() - started;
      const decided = await store.database.transaction(async (tx) => {
        await requireActiveModel(tx, model.id);
        const policy = policyName === undefined ? null : await activePolicy(tx, policyName, by.at);
        const band = policy && bandFor(policy.document, money, by.at);
        const ground = policy === null ? withoutPolicy : groundOf(policy, band!);
        const occasion = { modelId: model.id, policy, money, by };
        if (policy?.document.mandate === undefined && signatures.length > 1) throw noMandate(policyName);
        const judged = await judgeAll(tx, prepared, ground, by.at);
        const written = await writeDown(tx, judged, band, occasion);
        const document = { ...written, modelId: model.id, timingMs: timingMs() };
        await alongside?.(tx, document);
        return document;
      });
      return { ...decided, timingMs: timingMs() }; // it lasts by now
    },
  };

  /** In the order of the writers' numbers, so that no two documents wait for each other. @returns in the order of the document */
  async function judgeAll(tx: Transaction, signed: readonly Signed[], ground: Ground, at: Date): Promise<Judged[]> {
    const judged = new Map<string, Judged>();
    for (const one of [...signed].sort((a, b) => (a.writer < b.writer ? -1 : 1))) {
      const writer = (await lockWriter(tx, one.writer, at)) ?? notFound(one.writer);
      const references = await referenceEmbeddings(tx, store.keys, writer.id, model.id);
      const judgement = judgeSignature(
        model,
        writer,
        references.map(({ embedding }) => embedding),
        one.questioned,
        ground,
      );
      const { distances = [] } = judgement.comparison ?? {};
      const byReference = Object.fromEntries(distances.map((distance, i) => [references[i]!.referenceId, distance]));
      judged.set(one.writer, { ...one, writerId: writer.id, judgement, distances: byReference });
    }
    return signed.map(({ writer }) => judged.get(writer)!);
  }

  async function writeDown(
    tx: Transaction,
    judged: readonly Judged[],
    band: Band | null,
    occasion: Occasion & { readonly policy: PolicyVersion | null },
  ): Promise<Omit<DocumentDecision, 'modelId' | 'timingMs'>> {
    const { policy, money } = occasion;
    const mandate = policy?.document.mandate;
    const writerIds = judged.map(({ writerId }) => writerId);
    const verdict = mandate && (await judgeDocument(tx, mandate, money, judged));
    const mandateDecisionId =
      verdict === undefined
        ? null
        : await recordMandateDecision(tx, store.keys, { ...verdict, writerIds }, occasion, policy!);
    const signatures: SignatureDecision[] = [];
    for (const { writer, writerId, questioned, judgement, distances } of judged) {
      const { result, reasons, comparison, thresholds } = judgement;
      const { distance = null, logLikelihoodRatio = null, similarity = null } = comparison ?? {};
      const facts = { writerId, reasons, distance, logLikelihoodRatio, distances };
      const review = needsPerson(result, band, verdict?.result) ? { twoPerson: band?.twoPerson ?? false } : null;
      const { image, imageHash } = questioned;
      const decision = { ...facts, image, imageHash, result, thresholds, review };
      const recorded = await recordDecision(tx, store.keys, decision, occasion, mandateDecisionId);
      signatures.push({ ...facts, ...recorded, writer, similarity, decision: result, thresholds: thresholds ?? null });
    }
    const { result, reasons } = verdict ?? judged[0]!.judgement;
    const named = policy && { name: policy.name, version: policy.version };
    return { decision: result, reasons, mandateDecisionId, signatures, policy: named, money };
  }
}

/** Who is in no mandate counts for none. */
async function judgeDocument(
  tx: Transaction,
  mandate: Mandate,
  money: Money | null,
  judged: readonly Judged[],
): Promise<MandateVerdict> {
  const ids = await signerIds(
    tx,
    judged.map(({ writerId }) => writerId),
  );
  const said = judged.map(({ writerId, judgement: { result } }) => ({ signer: ids.get(writerId) ?? writerId, result }));
  return judgeMandate(mandate, money?.amount ?? null, said);
}

interface Signed {
  readonly writer: string;
  readonly questioned: Questioned;
}

interface Judged extends Signed {
  readonly writerId: string;
  readonly judgement: Judgement;
  readonly distances: Readonly<Record<string, number>>;
}

/** Also where the document goes to a person, for a signature of it that is not accepted. */
function needsPerson(result: Decision, band: Band | null, ofDocument: Decision | undefined): boolean {
  if (result === 'review' || band?.casesFor.includes(result)) return true;
  return ofDocument === 'review' && result !== 'accept';
}

function requireFew(signatures: number): void {
  if (signatures >= 1 && signatures <= MOST_SIGNATURES) return;
  const message = `Expected 1 to ${MOST_SIGNATURES} signatures on a document; ${signatures} came.`;
  throw new CountersignError('INVALID_ARGUMENT', message);
}

function requireDistinct<T>(expected: string, items: readonly T[], of: (item: T) => string): void {
  if (new Set(items.map(of)).size === items.length) return;
  throw new CountersignError('INVALID_ARGUMENT', `Expected ${expected}; one came twice.`);
}

function noMandate(policy: string | undefined): CountersignError {
  const which = policy === undefined ? 'no policy was named' : `policy ${policy} has none`;
  const message = `Several signatures on one document are decided by a mandate; ${which}.`;
  return new CountersignError('POLICY_NOT_APPLICABLE', message);
}
