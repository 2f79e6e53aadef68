import type { AnswerOf } from '../../api/schemas.js';
import type { Tone } from '../parts/badge.js';

export type Job = AnswerOf<'getJob'>;

export const JOB_STATES: Readonly<Record<Job['state'], { readonly word: string; readonly tone: Tone }>> = {
  collecting: { word: 'Collecting', tone: 'none' },
  queued: { word: 'Queued', tone: 'wait' },
  running: { word: 'Running', tone: 'wait' },
  done: { word: 'Done', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'none' },
};

export const JOB_KINDS: Readonly<Record<Job['kind'], string>> = {
  verify: 'Verification',
  enrol: 'Enrolment',
  reembed: 'Move to another model',
  evaluate: 'Evaluation',
};

export const isAtWork = ({ state }: Pick<Job, 'state'>) => state === 'queued' || state === 'running';

/** `about 3 min` */
export function durationOf(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s`;
  const minutes = seconds / 60;
  return minutes < 90 ? `about ${Math.round(minutes)} min` : `about ${(minutes / 60).toFixed(1)} h`;
}
