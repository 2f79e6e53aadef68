/** Whether signatures of a writer can be decided on: a rule over the references, by the operator's settings. */
import type { EnrolmentSettings } from './enrolment-settings.js';

/** `enrolling`: too few references yet. `ready`. `stale`: there were enough, but they no longer serve. */
export const ENROLMENT_STATES = ['enrolling', 'ready', 'stale'] as const;
export type EnrolmentState = (typeof ENROLMENT_STATES)[number];

export interface Enrolment {
  /** Neither doubtful nor retired. */
  readonly references: readonly {
    /** When it was written, else enrolled. */
    readonly writtenAt: Date;
    /** Whether the active model has seen it. */
    readonly embedded: boolean;
  }[];
  readonly expiresAt: Date | null;
}

export interface EnrolmentVerdict {
  readonly state: EnrolmentState;
  /** In words. */
  readonly reason: string;
  /** When a writer who is ready will be stale, if nothing changes. */
  readonly staleFrom: Date | null;
}

const DAY_MS = 86_400_000;

/**
 * @example
 * enrolmentState({ references: [{ writtenAt, embedded: true }], expiresAt: null }, settings, at);
 * // { state: 'enrolling', reason: '1 of 3 references.', staleFrom: null }
 */
export function enrolmentState(
  { references, expiresAt }: Enrolment,
  { minimumReferences: needed, ageingDays }: EnrolmentSettings,
  at: Date,
): EnrolmentVerdict {
  const is = (state: EnrolmentState, reason: string): EnrolmentVerdict => ({ state, reason, staleFrom: null });
  if (expiresAt !== null && expiresAt <= at) return is('stale', `Expired on ${day(expiresAt)}.`);
  if (references.length < needed) return is('enrolling', `${references.length} of ${needed} references.`);
  const seen = references.filter(({ embedded }) => embedded).map(({ writtenAt }) => writtenAt.getTime());
  if (seen.length < needed) {
    return is('stale', `The active model has seen ${seen.length} of its references; ${needed} are needed.`);
  }
  const agesOn = ageingDays === 0 ? undefined : lastToCount(seen, needed) + ageingDays * DAY_MS;
  if (agesOn !== undefined && agesOn <= at.getTime()) {
    return is('stale', `Fewer than ${needed} of its references are younger than ${ageingDays} days.`);
  }
  const ends = [agesOn, expiresAt?.getTime()].filter((end) => end !== undefined);
  const staleFrom = ends.length === 0 ? null : new Date(Math.min(...ends));
  return { state: 'ready', reason: `${references.length} references.`, staleFrom };
}

/** The instant of the oldest among the `needed` newest: when it no longer counts, too few do. */
function lastToCount(instants: readonly number[], needed: number): number {
  return [...instants].sort((a, b) => b - a)[needed - 1]!;
}

/** The state that was written down, as of now: a writer who was ready may have grown stale since. */
export function stateAt(
  { state, staleFrom }: { readonly state: EnrolmentState; readonly staleFrom: Date | null },
  at: Date,
): EnrolmentState {
  return state === 'ready' && staleFrom !== null && staleFrom <= at ? 'stale' : state;
}

const day = (instant: Date) => instant.toISOString().slice(0, 10);
