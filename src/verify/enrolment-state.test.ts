import { describe, expect, it } from 'vitest';
import { type EnrolmentSettings, enrolmentSettingsSchema } from './enrolment-settings.js';
import { type Enrolment, enrolmentState, stateAt } from './enrolment-state.js';

const AT = new Date('2026-06-01T12:00:00Z');
const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(AT.getTime() - days * DAY_MS);
const settings: EnrolmentSettings = enrolmentSettingsSchema.parse({ minimumReferences: 2, ageingDays: 100 });
/** Written so many days ago; a minus for one that the active model has not seen. */
const writtenDaysAgo = (...days: number[]): Enrolment => ({
  references: days.map((ago) => ({ writtenAt: daysAgo(Math.abs(ago)), embedded: ago >= 0 })),
  expiresAt: null,
});

describe('the state of a writer', () => {
  it.each([
    ['no reference', writtenDaysAgo(), 'enrolling', null],
    ['one too few', writtenDaysAgo(1), 'enrolling', null],
    ['enough', writtenDaysAgo(10, 20), 'ready', 80],
    ['the older ones do not matter', writtenDaysAgo(10, 99, 20, 400), 'ready', 80],
    ['one of those needed is too old', writtenDaysAgo(10, 100, 400), 'stale', null],
    ['on the last day', writtenDaysAgo(10, 99.5), 'ready', 0.5],
    ['the active model has not seen one', writtenDaysAgo(10, -20), 'stale', null],
    ['nor an old one that would do', writtenDaysAgo(10, -20, 30), 'ready', 70],
  ])('%s', (_, enrolment, state, days) => {
    const verdict = enrolmentState(enrolment, settings, AT);
    expect(verdict.state).toBe(state);
    expect(verdict.staleFrom).toEqual(days === null ? null : new Date(AT.getTime() + days * DAY_MS));
    expect(verdict.reason).toMatch(/\.$/);
  });

  it('expires before anything else, and on the instant', () => {
    const enrolment = { ...writtenDaysAgo(1, 2), expiresAt: AT };
    expect(enrolmentState(enrolment, settings, AT).state).toBe('stale');
    const before = enrolmentState(enrolment, settings, new Date(AT.getTime() - 1));
    expect(before).toMatchObject({ state: 'ready', staleFrom: AT });
    expect(stateAt(before, new Date(AT.getTime() - 1))).toBe('ready');
    expect(stateAt(before, AT)).toBe('stale');
  });

  it('never ages with 0 days', () => {
    const verdict = enrolmentState(writtenDaysAgo(10_000, 9000), { ...settings, ageingDays: 0 }, AT);
    expect(verdict).toMatchObject({ state: 'ready', staleFrom: null });
  });
});
