import type { Decision } from '../../verify/result.js';
import type { Tone } from '../parts/badge.js';

/** How a decision is called and shown. */
export const VERDICTS: Readonly<Record<Decision, { readonly word: string; readonly tone: Tone }>> = {
  accept: { word: 'Accept', tone: 'good' },
  review: { word: 'Review', tone: 'wait' },
  reject: { word: 'Reject', tone: 'bad' },
  inconclusive: { word: 'No decision', tone: 'none' },
};
