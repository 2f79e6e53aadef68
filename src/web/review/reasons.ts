import type { Verdict } from './desk.js';

interface VerdictWords {
  readonly verdict: Verdict;
  readonly word: string;
  readonly shortcut: string;
  /** To pick from, by their number. */
  readonly reasons: readonly string[];
}

export const VERDICT_WORDS: readonly VerdictWords[] = [
  {
    ...{ verdict: 'genuine', word: 'Genuine', shortcut: 'g' },
    reasons: [
      'Shape, slant and rhythm as in the references',
      "Differs no more than the writer's references do among themselves",
      'The same hand in haste, or with another pen',
    ],
  },
  {
    ...{ verdict: 'forged', word: 'Forged', shortcut: 'f' },
    reasons: [
      'Drawn slowly: tremor, blunt ends, even pressure',
      'Letters are formed in another way',
      'Proportions, slant or spacing differ',
      'Traced or copied from a reference',
    ],
  },
  {
    ...{ verdict: 'inconclusive', word: 'Unclear', shortcut: 'u' },
    reasons: ['The picture is too poor', 'The references are too few or differ too much', 'Speaks for both'],
  },
];
