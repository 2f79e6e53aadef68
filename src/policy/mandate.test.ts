import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../verify/result.js';
import type { Mandate, Rule } from './document.js';
import { judgeMandate, judgeReviewed, MOST_SIGNATURES } from './mandate.js';

const PANELS = { directors: ['A', 'B', 'C'] };
const one = (signer: string): Rule => ({ signer });
/** @param said - `A` accepted, `A?` under review, `A-` could not be compared, `A!` rejected */
const judge = (rule: Rule, said: string, amount: string | null = null, by = judgeMandate) =>
  by(
    { panels: PANELS, rule },
    amount,
    said
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => ({ signer: word[0]!, result: RESULTS[word.slice(1)]! })),
  ).result;
const RESULTS: Record<string, Decision> = { '': 'accept', '?': 'review', '-': 'inconclusive', '!': 'reject' };

describe('a mandate', () => {
  it.each([
    [
      'any one',
      { panel: 'directors', count: 1 },
      { B: 'accept', 'B?': 'review', D: 'reject', 'B-': 'inconclusive', 'B!': 'reject' },
    ],
    [
      'any two',
      { panel: 'directors', count: 2 },
      { A: 'reject', 'A B': 'accept', 'A B?': 'review', 'A D': 'reject', 'A? B-': 'inconclusive' },
    ],
    [
      'both of A and B',
      { allOf: [one('A'), one('B')] },
      { 'A B': 'accept', 'A C': 'reject', 'A? B?': 'review', 'A B!': 'reject' },
    ],
    [
      'A with one of the panel',
      { allOf: [one('A'), { panel: 'directors', count: 1 }] },
      { A: 'reject', 'A C': 'accept' },
    ],
    [
      'either alone or two',
      { anyOf: [one('D'), { panel: 'directors', count: 2 }], count: 1 },
      { D: 'accept', 'B C': 'accept', B: 'reject' },
    ],
  ] as [string, Rule, Record<string, Decision>][])('of %s', (_, rule, expected) => {
    for (const [said, result] of Object.entries(expected)) expect(judge(rule, said), said).toBe(result);
  });

  it('leaves nothing to a person once people have decided', () => {
    const rule: Rule = { panel: 'directors', count: 1 };
    const reviewed = (said: string) => judge(rule, said, null, judgeReviewed);
    expect(judge(rule, 'A B!')).toBe('review');
    expect(['A B', 'A B!', 'A B-', 'A!', 'A-'].map(reviewed)).toEqual([
      ...['accept', 'reject', 'accept', 'reject', 'inconclusive'],
    ]);
  });

  it('holds up to its limit, and another rule above it', () => {
    const rule: Rule = {
      anyOf: [
        { panel: 'directors', count: 1, upTo: '1000' },
        { panel: 'directors', count: 2, upTo: '5000.50' },
      ],
      count: 1,
    };
    expect(judge(rule, 'A', '1000.00')).toBe('accept');
    expect(judge(rule, 'A', '1000.01')).toBe('reject');
    expect(judge(rule, 'A C', '5000.5')).toBe('accept');
    expect(judge(rule, 'A C', '9007199254740993.01')).toBe('reject');
  });

  it('counts a person once: A cannot stand for two rules that both name A', () => {
    const rule: Rule = {
      allOf: [
        { panel: 'directors', count: 1 },
        { panel: 'directors', count: 1 },
      ],
    };
    expect(judge(rule, 'A')).toBe('reject');
    expect(judge(rule, 'A B')).toBe('accept');
  });

  it('is left to a person where another signature on the document is rejected', () => {
    expect(judge({ panel: 'directors', count: 1 }, 'A B!')).toBe('review');
  });

  it('is fulfilled as a plain search over who signs for which rule says', () => {
    const signer = fc.constantFrom('A', 'B', 'C', 'D');
    const { rule } = fc.letrec<{ rule: Rule }>((tie) => ({
      rule: fc.oneof(
        { maxDepth: 2 },
        fc.record({ signer }),
        fc.record({ panel: fc.constant('directors'), count: fc.integer({ min: 1, max: 3 }) }),
        fc.record({
          anyOf: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }),
          count: fc.integer({ min: 1, max: 3 }),
        }),
        fc.record({ allOf: fc.array(tie('rule'), { minLength: 1, maxLength: 2 }) }),
      ),
    }));
    fc.assert(
      fc.property(rule, fc.subarray(['A', 'B', 'C', 'D']), (tree, signed) => {
        const verdict = judgeMandate(
          { panels: PANELS, rule: tree },
          null,
          signed.map((name) => ({ signer: name, result: 'accept' })),
        );
        expect(verdict.result === 'accept').toBe([...leftAfter(tree, signed)].length > 0);
      }),
      { numRuns: 500 },
    );
  });
});

/** Every way to fulfil a rule: who has not signed for anything yet, afterwards. */
function* leftAfter(rule: Rule, free: readonly string[]): Generator<readonly string[]> {
  if ('signer' in rule) {
    if (free.includes(rule.signer)) yield free.filter((name) => name !== rule.signer);
    return;
  }
  if ('panel' in rule) return yield* leftOf(PANELS.directors.map(one), rule.count, free);
  if ('anyOf' in rule) return yield* leftOf(rule.anyOf, rule.count, free);
  return yield* leftOf(rule.allOf, rule.allOf.length, free);
}

function* leftOf(rules: readonly Rule[], count: number, free: readonly string[]): Generator<readonly string[]> {
  if (count === 0) return yield free;
  for (const [i, rule] of rules.entries()) {
    for (const left of leftAfter(rule, free)) yield* leftOf(rules.slice(i + 1), count - 1, left);
  }
}

it('takes the most signatures that a document may bear', () => {
  const signers = Array.from({ length: MOST_SIGNATURES }, (_, i) => `${i}`);
  const mandate: Mandate = { panels: { all: signers }, rule: { panel: 'all', count: MOST_SIGNATURES } };
  const accepted = signers.map((signer) => ({ signer, result: 'accept' as const }));
  expect(judgeMandate(mandate, null, accepted).result).toBe('accept');
  expect(judgeMandate(mandate, null, accepted.slice(1)).result).toBe('reject');
});
