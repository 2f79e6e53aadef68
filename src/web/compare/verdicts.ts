import type { Decision } from '../../verify/result.js';
import type { Tone } from '../parts/badge.js';
import type { IconName } from '../parts/icon.js';

interface Shown {
  readonly word: string;
  readonly tone: Tone;
  readonly sign: IconName;
}

/** How a decision is called and shown. */
export const VERDICTS: Readonly<Record<Decision, Shown>> = {
  accept: { word: 'Accept', tone: 'good', sign: 'check' },
  review: { word: 'Review', tone: 'wait', sign: 'review' },
  reject: { word: 'Reject', tone: 'bad', sign: 'cross' },
  inconclusive: { word: 'No decision', tone: 'none', sign: 'question' },
};
