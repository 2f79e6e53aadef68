/** `verify` of signatures of enrolled writers, by a policy or the model's own threshold. */
import { CountersignError } from '../core/errors.js';
import { createDecider } from '../decide/decide.js';
import type { DocumentDecision, QuestionedSignature, SignatureDecision } from '../decide/question.js';
import { inWords } from '../evaluate/likelihood-ratio.js';
import { amountSchema, currencySchema, type Money } from '../policy/money.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import type { Decision } from '../verify/result.js';
import type { OperatingPointTarget } from '../verify/thresholds.js';
import { byActor, type StoreFlags, withStore } from './store-flags.js';
import { printJson, printResult } from './terminal.js';

export interface EnrolledFlags extends StoreFlags {
  readonly model: string;
  readonly policy?: string;
  readonly amount?: string;
  readonly currency?: string;
}

export async function verifyEnrolled(
  signatures: readonly QuestionedSignature[],
  flags: EnrolledFlags,
  operatingPoint: OperatingPointTarget | undefined,
): Promise<Decision> {
  const money = parseMoney(flags);
  if (flags.policy !== undefined && operatingPoint !== undefined) {
    throw new CountersignError('INVALID_ARGUMENT', 'Expected a policy or error rates to keep; both came.');
  }
  const embedder = await openEmbedder(flags.model);
  try {
    const decided = await withStore(flags, (store) =>
      createDecider(store, embedder, { ...(operatingPoint && { operatingPoint }) }).decide(
        { signatures, policy: flags.policy, money },
        byActor(flags),
      ),
    );
    if (flags.json) printJson(decided);
    else printResult(renderDocument(decided));
    return decided.decision;
  } finally {
    await embedder.close();
  }
}

function parseMoney({ amount, currency }: EnrolledFlags): Money | undefined {
  if (amount === undefined && currency === undefined) return undefined;
  const parsed = { amount: amountSchema.safeParse(amount), currency: currencySchema.safeParse(currency) };
  if (parsed.amount.success && parsed.currency.success) {
    return { amount: parsed.amount.data, currency: parsed.currency.data };
  }
  const came = `${amount ?? 'no amount'}, ${currency ?? 'no currency'}`;
  throw new CountersignError('INVALID_ARGUMENT', `Expected --amount 1000.50 --currency EUR; ${came} came.`);
}

function renderDocument({ decision, reasons, mandateDecisionId, ...document }: DocumentDecision): string {
  const { signatures, policy, money, modelId, timingMs } = document;
  const ofOne = mandateDecisionId === null;
  return [
    `${decision.toUpperCase()}  ${reasons[0]}`,
    ...(ofOne ? reasons.slice(1).map((reason) => `             ${reason}`) : []),
    ...signatures.flatMap((signature) => ['', ...renderSignature(signature, !ofOne)]),
    '',
    ...(ofOne ? [] : [`document     ${mandateDecisionId}`]),
    ...(policy === null ? [] : [`policy       ${policy.name} ${policy.version}`]),
    ...(money === null ? [] : [`amount       ${money.amount} ${money.currency}`]),
    `model        ${modelId}`,
    `time         ${timingMs.toFixed(0)} ms`,
  ].join('\n');
}

function renderSignature(signature: SignatureDecision, withReasons: boolean): string[] {
  const { writer, decision, reasons, distance, logLikelihoodRatio, thresholds, distances, caseId } = signature;
  const review =
    thresholds !== null && thresholds.rejectAbove > thresholds.acceptUpTo
      ? `, review up to ${thresholds.rejectAbove.toFixed(3)}`
      : '';
  return [
    `writer       ${writer}: ${decision}`,
    ...(withReasons ? reasons.map((reason) => `             ${reason}`) : []),
    ...(distance === null
      ? []
      : [`distance     ${distance.toFixed(3)} to ${Object.keys(distances).length} references`]),
    ...(thresholds === null
      ? []
      : [`threshold    ${thresholds.acceptUpTo.toFixed(3)}${review} (${thresholds.source})`]),
    ...(logLikelihoodRatio === null ? [] : [`evidence     ${inWords(logLikelihoodRatio)}`]),
    `decision     ${signature.decisionId}`,
    ...(caseId === null ? [] : [`case         ${caseId}: waits for a person (countersign review)`]),
  ];
}
