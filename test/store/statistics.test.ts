/** What a store says of a period, on a folder and on a server. */
import { describe, expect, it } from 'vitest';
import { exactInterval } from '../../src/evaluate/exact-interval.js';
import { eraseWriters } from '../../src/store/erase.js';
import { readStatistics } from '../../src/store/statistics.js';
import type { Store } from '../../src/store/store.js';
import { by, decideAt, enrolAt, review, usePolicy } from './at-work.js';
import { BACKENDS } from './backends.js';
import { onFreshStore } from './fresh-store.js';

const day = (date: string, time = '12:00:00Z') => new Date(`${date}T${time}`);

describe.each(Object.entries(BACKENDS))('statistics on %s', (_, start) => {
  let store: Store;
  onFreshStore(start, (opened) => {
    store = opened;
  });

  it('count decisions by day and result, cases, and errors as far as people looked', async () => {
    const { database } = store;
    await enrolAt(store, 'A');
    await enrolAt(store, 'gone');
    await usePolicy(store, 'all', { casesFor: ['accept', 'review', 'reject'] });
    await usePolicy(store, 'two', { twoPerson: true });
    const decide = async (degrees: number, at: Date, policy?: string) =>
      (await decideAt(store, 'A', degrees, { at, ...(policy && { policy }) })).caseId;
    const first = day('2026-03-30', '00:00:00.000Z');
    const last = day('2026-03-31', '23:59:59.999Z');
    await decide(12, day('2026-03-29', '23:59:59.999Z')); // before the period
    await decide(12, first);
    await decide(90, first); // rejected, and nobody is asked
    const accepted = [await decide(11, first, 'all'), await decide(12, last, 'all'), await decide(13, last, 'all')];
    const rejected = [await decide(90, last, 'all'), await decide(91, last, 'all')];
    const [left] = [await decide(40, last)];
    const twice = await decide(41, last, 'two');
    await decide(12, day('2026-04-01', '00:00:00.000Z')); // behind it
    await decideAt(store, 'gone', 40, { at: last });
    await eraseWriters(store, ['gone'], by('ada'), { compact: false });

    const later = day('2026-04-02');
    for (const [caseId, verdict] of [
      [accepted[0], 'genuine'],
      [accepted[1], 'forged'],
      [rejected[0], 'genuine'],
      [rejected[1], 'inconclusive'],
    ] as const) {
      await review(store, caseId!, 'ada', verdict, later);
    }
    await review(store, twice!, 'ada', 'forged', later);
    const halfway = await readStatistics(database, { from: first, to: day('2026-04-01', '00:00:00Z') });
    expect(halfway.reviewed.review).toEqual({ decisions: 2, waiting: 2, genuine: 0, forged: 0, inconclusive: 0 });
    await review(store, twice!, 'bob', 'genuine', later);
    await review(store, twice!, 'eve', 'forged', later);

    expect(await readStatistics(database, { from: first, to: day('2026-04-01', '00:00:00Z') })).toEqual({
      from: first,
      to: day('2026-04-01', '00:00:00Z'),
      decisions: {
        total: 9,
        byResult: { accept: 4, review: 2, reject: 3, inconclusive: 0 },
        byDay: [
          { day: '2026-03-30', accept: 2, review: 0, reject: 1, inconclusive: 0 },
          { day: '2026-03-31', accept: 2, review: 2, reject: 2, inconclusive: 0 },
        ],
        leftToPeople: { count: 7, of: 9, share: 7 / 9, interval: exactInterval(7, 9) },
      },
      cases: { waiting: 2, oldestWaiting: last, opened: 7, decided: 0 }, // accepted[2] and left; decided later
      reviewed: {
        accept: { decisions: 4, waiting: 1, genuine: 1, forged: 1, inconclusive: 0 },
        review: { decisions: 2, waiting: 1, genuine: 0, forged: 1, inconclusive: 0 },
        reject: { decisions: 3, waiting: 0, genuine: 1, forged: 0, inconclusive: 1 },
        inconclusive: { decisions: 0, waiting: 0, genuine: 0, forged: 0, inconclusive: 0 },
      },
      errors: {
        acceptedForged: { count: 1, of: 2, share: 0.5, interval: exactInterval(1, 2) },
        rejectedGenuine: { count: 1, of: 1, share: 1, interval: exactInterval(1, 1) },
      },
    });
    expect(left).not.toBeNull();
    const after = await readStatistics(database, { from: day('2026-04-02', '00:00:00Z'), to: day('2026-04-03') });
    expect(after).toMatchObject({
      decisions: { total: 0, leftToPeople: { count: 0, of: 0, share: null, interval: null } },
      cases: { waiting: 2, opened: 0, decided: 5 },
      errors: { acceptedForged: { share: null, interval: null } },
    });
    expect(after.decisions.byDay.map((one) => one.day)).toEqual(['2026-04-02', '2026-04-03']);
    for (const [from, to] of [
      [first, first],
      [last, first],
      [first, day('2027-06-01')],
    ] as const) {
      await expect(readStatistics(database, { from, to })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});
