/** Whether the signatures on a document are those that its mandate asks for. */
import type { Decision } from '../verify/result.js';
import type { Mandate, Rule } from './document.js';
import { isUpTo } from './money.js';

/** What was decided of one signature. */
export interface SignatureOf {
  readonly signer: string;
  readonly result: Decision;
}

export interface MandateVerdict {
  readonly result: Decision;
  /** In words, without names. */
  readonly reasons: readonly string[];
}

export interface ReviewedVerdict extends MandateVerdict {
  readonly result: Exclude<Decision, 'review'>;
}

/** On one document: ways to choose among more of them grow out of hand. */
export const MOST_SIGNATURES = 10;

/**
 * Accepted where those whose signatures are accepted fulfil the mandate, and no signature is rejected; review where they
 * do with those under review, or beside a rejected one; inconclusive where they do only with signatures that could not be
 * compared; else rejected.
 *
 * @param amount - null where the mandate has no limits
 * @param signatures - at most MOST_SIGNATURES, each of another signer
 */
export function judgeMandate(
  mandate: Mandate,
  amount: string | null,
  signatures: readonly SignatureOf[],
): MandateVerdict {
  const ways = waysToFulfil(
    mandate,
    amount,
    signatures.map(({ signer }) => signer),
  );
  const fulfilledBy = (...results: readonly Decision[]) => {
    const signed = signatures.reduce((bits, { result }, i) => (results.includes(result) ? bits | (1 << i) : bits), 0);
    return ways.some((way) => (way & signed) === way);
  };
  const rejected = signatures.filter(({ result }) => result === 'reject').length;
  if (fulfilledBy('accept')) {
    if (rejected === 0) return { result: 'accept', reasons: ['The accepted signatures fulfil the mandate.'] };
    const beside = `The accepted signatures fulfil the mandate, but ${countOf(rejected)} rejected beside them: let a person decide.`;
    return { result: 'review', reasons: [beside] };
  }
  if (fulfilledBy('accept', 'review')) {
    return { result: 'review', reasons: ['The mandate is fulfilled if a person accepts the signatures under review.'] };
  }
  if (fulfilledBy('accept', 'review', 'inconclusive')) {
    return { result: 'inconclusive', reasons: ['The mandate rests on a signature that could not be compared.'] };
  }
  if (fulfilledBy('accept', 'review', 'inconclusive', 'reject')) {
    return { result: 'reject', reasons: ['The mandate is not fulfilled without a signature that is rejected.'] };
  }
  return {
    result: 'reject',
    reasons: ['The mandate asks for other or more signers than signed, or holds no such amount.'],
  };
}

/**
 * The same once people have decided: nothing is left to a person, so a signature that is rejected beside enough others is
 * reason to reject.
 *
 * @param signatures - none under review
 */
export function judgeReviewed(
  mandate: Mandate,
  amount: string | null,
  signatures: readonly SignatureOf[],
): ReviewedVerdict {
  const { result, reasons } = judgeMandate(mandate, amount, signatures);
  if (result !== 'review') return { result, reasons };
  const rejected = signatures.filter((signature) => signature.result === 'reject').length;
  const beside = `The accepted signatures fulfil the mandate, but ${countOf(rejected)} rejected beside them.`;
  return { result: 'reject', reasons: [beside] };
}

const countOf = (rejected: number) => (rejected === 1 ? 'one signature is' : `${rejected} signatures are`);

/** Sets of signers, as bits, each of which fulfils the rule; none holds another. */
function waysToFulfil({ panels, rule }: Mandate, amount: string | null, signers: readonly string[]): number[] {
  const waysOf = (one: Rule): number[] => {
    if (one.upTo !== undefined && amount !== null && !isUpTo(amount, one.upTo)) return [];
    if ('signer' in one) return bitOf(one.signer);
    if ('panel' in one) return choose(panels[one.panel]!.map(bitOf), one.count);
    if ('anyOf' in one) return choose(one.anyOf.map(waysOf), one.count);
    return choose(one.allOf.map(waysOf), one.allOf.length);
  };
  const bitOf = (signer: string) => {
    const place = signers.indexOf(signer);
    return place === -1 ? [] : [1 << place];
  };
  return waysOf(rule);
}

/** Ways to fulfil `count` of some rules by different people: nobody signs twice. */
function choose(rules: readonly (readonly number[])[], count: number): number[] {
  const chosen: number[][] = [[0], ...Array.from({ length: count }, () => [])]; // by number of rules fulfilled
  for (const ways of rules) {
    for (let fulfilled = count - 1; fulfilled >= 0; fulfilled--) {
      const more = chosen[fulfilled]!.flatMap((set) => ways.filter((way) => (way & set) === 0).map((way) => way | set));
      chosen[fulfilled + 1] = smallest([...chosen[fulfilled + 1]!, ...more]);
    }
  }
  return chosen[count]!;
}

/** Without the sets that hold another one. */
function smallest(sets: readonly number[]): number[] {
  const distinct = [...new Set(sets)];
  return distinct.filter((set) => !distinct.some((other) => other !== set && (other & set) === other));
}
