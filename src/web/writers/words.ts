import type { AnswerOf } from '../../api/schemas.js';
import type { Tone } from '../parts/badge.js';

type Writer = AnswerOf<'getWriter'>;
export type WriterState = Writer['state'];
export type Reference = Writer['references'][number];

export const STATES: Readonly<Record<WriterState, { readonly word: string; readonly tone: Tone }>> = {
  ready: { word: 'Ready', tone: 'good' },
  enrolling: { word: 'Enrolling', tone: 'wait' },
  stale: { word: 'Stale', tone: 'bad' },
};

export const REFERENCE_STATES: Readonly<Record<Reference['state'], { readonly word: string; readonly tone: Tone }>> = {
  enrolled: { word: 'Enrolled', tone: 'good' },
  doubtful: { word: 'Doubtful', tone: 'wait' },
  retired: { word: 'Retired', tone: 'none' },
};
