/** Lists that are walked page by page while others work, on a folder and on a server. */
import { describe, expect, it } from 'vitest';
import { policySchema } from '../../src/policy/document.js';
import { listAudit } from '../../src/store/audit-rows.js';
import { eraseWriters } from '../../src/store/erase.js';
import { findDecision, listDecisions } from '../../src/store/list-decisions.js';
import { listWriters } from '../../src/store/list-writers.js';
import type { Page, PageRequest } from '../../src/store/page.js';
import { addPolicy, listPolicies } from '../../src/store/policies.js';
import { listCases } from '../../src/store/review-cases.js';
import type { Store } from '../../src/store/store.js';
import { AT, by, decideAt, enrolAt, minutes, review, usePolicy } from './at-work.js';
import { BACKENDS } from './backends.js';
import { onFreshStore } from './fresh-store.js';

/** All pages to the end. @param meanwhile - done after each page */
async function walk<Item>(
  read: (page: PageRequest) => Promise<Page<Item>>,
  limit: number,
  meanwhile: (page: number) => Promise<unknown> = async () => undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 1; ; page++) {
    const read1 = await read({ limit, cursor });
    expect(read1.items.length).toBeLessThanOrEqual(limit);
    items.push(...read1.items);
    if (read1.nextCursor === null) return items;
    cursor = read1.nextCursor;
    await meanwhile(page);
  }
}

describe.each(Object.entries(BACKENDS))('a list on %s', (_, start) => {
  let store: Store;
  onFreshStore(start, (opened) => {
    store = opened;
  });

  it('of writers has each one once, whoever comes and goes meanwhile', async () => {
    const { orm } = store.database;
    const numbers = Array.from({ length: 11 }, (_, i) => `N-${String(i).padStart(2, '0')}`);
    for (const number of numbers) await enrolAt(store, number, [0]);
    const seen = await walk(
      (page) => listWriters(orm, { at: AT, ...page }),
      2,
      async (page) => {
        if (page === 1) await eraseWriters(store, ['N-01'], by('ada'), { compact: false }); // where the next page begins
        await enrolAt(store, `N-0${page} a`, [0]); // behind the page, or before it
        await enrolAt(store, `M-${page}`, [0]);
      },
    );
    const own = seen.map(({ externalRef }) => externalRef);
    expect(own.filter((number) => numbers.includes(number))).toEqual(numbers);
    expect(new Set(own).size).toBe(own.length);
    const whole = await listWriters(orm, { at: AT, limit: 200 });
    expect(whole.nextCursor).toBeNull();
    expect(await walk((page) => listWriters(orm, { at: AT, ...page }), 1)).toEqual(whole.items);
    expect((await listWriters(orm, { at: AT, limit: whole.items.length })).nextCursor).toBeNull();
  });

  it('of writers finds them by the beginning of number or name, by state and by doubt', async () => {
    const { orm } = store.database;
    const found = async (filter: Partial<Parameters<typeof listWriters>[1]>) =>
      (await listWriters(orm, { at: AT, limit: 9, ...filter })).items.map(({ externalRef }) => externalRef);
    await enrolAt(store, '100', [0, 10, 20], { name: 'Ada Example' });
    await enrolAt(store, '100%', [0, 10, 150], { name: 'adam_b' });
    await enrolAt(store, '2_0', [0], { name: 'Zoë O’Hara' });
    await enrolAt(store, 'ADA\\1', [0]);
    expect(await found({ search: '100' })).toEqual(['100', '100%']);
    expect(await found({ search: '100%' })).toEqual(['100%']);
    expect(await found({ search: '2_' })).toEqual(['2_0']);
    expect(await found({ search: '1_0' })).toEqual([]);
    expect(new Set(await found({ search: 'aDa' }))).toEqual(new Set(['100', '100%', 'ADA\\1']));
    expect(await found({ search: 'ada\\' })).toEqual(['ADA\\1']);
    expect(await found({ search: 'adam_' })).toEqual(['100%']);
    expect(await found({ search: 'Example' })).toEqual([]);
    expect(await found({ search: 'zoë o’' })).toEqual(['2_0']);
    expect(await found({ doubtful: true })).toEqual(['100%']);
    expect(await found({ state: 'ready' })).toEqual(['100']);
    expect(await found({ state: 'enrolling', search: 'ada' })).toHaveLength(2);
    expect((await listWriters(orm, { at: AT, limit: 9, search: '100%' })).items[0]!.references).toEqual({
      ...{ enrolled: 2, doubtful: 1, retired: 0 },
    });
  });

  it('of cases goes from the oldest on, and of decisions from the newest, each once', async () => {
    const { orm } = store.database;
    await enrolAt(store, 'A');
    const made: string[] = [];
    const openCase = async (at: Date) => made.push((await decideAt(store, 'A', 40, { at })).caseId!);
    for (const minute of [0, 0, 0, 0, 1, 2, 2]) await openCase(minutes(minute)); // several at one instant
    const inPages = await walk(
      (page) => listCases(orm, { at: minutes(3), ...page }),
      2,
      async (page) => {
        if (page === 1) await review(store, made.at(-1)!, 'ada', 'genuine', minutes(3));
        if (page === 2) await openCase(minutes(4));
      },
    );
    const ids = inPages.map(({ id }) => id);
    expect(ids).toHaveLength(7); // of the eight one was decided before its page came
    expect(new Set(ids)).toEqual(new Set(made.filter((id) => id !== made[6])));
    const instants = inPages.map(({ createdAt }) => createdAt.getTime());
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    const decided = await listCases(orm, { at: minutes(5), states: ['decided'], limit: 9 });
    expect(decided.items.map(({ id }) => id)).toEqual([made[6]]);

    const decisions = await walk(
      (page) => listDecisions(orm, 'A', minutes(5), page),
      3,
      () => openCase(minutes(6)), // newer than all that are to come
    );
    expect(decisions.map(({ review }) => review!.caseId).sort()).toEqual([...made.slice(0, 8)].sort());
    const newest = decisions.map(({ createdAt }) => createdAt.getTime());
    expect(newest).toEqual([...newest].sort((a, b) => b - a));
    await expect(listDecisions(orm, 'nobody', AT, { limit: 1 })).rejects.toMatchObject({ code: 'WRITER_NOT_FOUND' });
  });

  it('has a decision with what it was made from, and what people made of it', async () => {
    const { orm } = store.database;
    const { references, writerId } = await enrolAt(store, 'A');
    await usePolicy(store, 'all', { casesFor: ['accept', 'review', 'reject'] });
    const said = await decideAt(store, 'A', 40, { policy: 'all' });
    const found = await findDecision(orm, said.decisionId, AT);
    expect(found).toMatchObject({
      ...{ decisionId: said.decisionId, writer: 'A', writerId, decision: 'review', reasons: said.reasons },
      ...{ distance: said.distance, logLikelihoodRatio: said.logLikelihoodRatio, actor: 'teller', createdAt: AT },
      ...{ thresholds: { acceptUpTo: 0.25, rejectAbove: 0.75 }, modelId: 'model-1', money: null, document: null },
      policy: { name: 'all', version: 1 },
      review: { caseId: said.caseId, state: 'open', outcome: null, decidedAt: null },
    });
    const apart = (degrees: number) => 2 * Math.sin((degrees * Math.PI) / 360);
    expect(found.distances).toEqual(
      Object.fromEntries(references.map(({ id }, i) => [id, expect.closeTo(apart(40 - 10 * i), 6)])),
    );
    await review(store, said.caseId!, 'ada', 'forged', minutes(1));
    const [listed] = (await listDecisions(orm, 'A', minutes(1), { limit: 1 })).items;
    expect(listed).toEqual({
      ...found,
      review: { caseId: said.caseId, state: 'decided', outcome: 'forged', decidedAt: minutes(1) },
    });
    const nothing = '00000000-0000-4000-8000-000000000000';
    await expect(findDecision(orm, nothing, AT)).rejects.toMatchObject({ code: 'DECISION_NOT_FOUND' });
  });

  it('of the audit log is read from either end, on from a row, by action and by subject', async () => {
    const { orm } = store.database;
    const ids: string[] = [];
    for (const number of ['A', 'B', 'C']) ids.push((await enrolAt(store, number, [0])).writerId);
    const all = (filter: Partial<Parameters<typeof listAudit>[1]>) =>
      walk((page) => listAudit(orm, { order: 'oldest', ...filter, ...page }), 2);
    const seqs = async (filter: Parameters<typeof all>[0]) => (await all(filter)).map(({ seq }) => seq);
    expect((await all({})).map(({ action }) => action)).toEqual([
      'model.activated',
      ...['A', 'B', 'C'].map(() => 'writer.enrolled'),
    ]);
    expect(await seqs({ order: 'newest' })).toEqual([4, 3, 2, 1]);
    expect(await seqs({ after: 2 })).toEqual([3, 4]);
    expect(await seqs({ after: 1, order: 'newest', action: 'writer.enrolled' })).toEqual([4, 3, 2]);
    expect(await seqs({ subject: ids[1]! })).toEqual([3]);
    expect(await seqs({ subject: ids[1]!, action: 'writer.erased' })).toEqual([]);
  });

  it('of policies goes by name, the newest version first', async () => {
    const bands = [{ review: 'always' as const }];
    for (const name of ['b', 'a', 'b', 'b', 'a']) {
      await addPolicy(
        store,
        policySchema.parse({ schema: 'countersign/policy@1', name, title: name, bands }),
        by('ada'),
      );
    }
    const versions = (name?: string) => walk((page) => listPolicies(store.database.orm, { name, ...page }), 2);
    expect((await versions()).map(({ name, version }) => `${name} ${version}`)).toEqual([
      ...['a 2', 'a 1', 'b 3', 'b 2', 'b 1'],
    ]);
    expect(await versions('b')).toHaveLength(3);
  });

  it('refuses a cursor that is not its own', async () => {
    const { orm } = store.database;
    await enrolAt(store, 'A', [0]);
    await enrolAt(store, 'B', [0]);
    const { nextCursor } = await listWriters(orm, { at: AT, limit: 1 });
    for (const cursor of [nextCursor!, 'x', '', Buffer.from('["2026-01-01T00:00:00Z","x"]').toString('base64url')]) {
      for (const refused of [
        listCases(orm, { at: AT, limit: 1, cursor }),
        listDecisions(orm, 'A', AT, { limit: 1, cursor }),
        listAudit(orm, { order: 'newest', limit: 1, cursor }),
        listPolicies(orm, { limit: 1, cursor }),
      ]) {
        await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      }
    }
  });
});
