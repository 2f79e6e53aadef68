/** People at the review queue, each with a key of their own, and what the figures say of it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/store/api-keys.js';
import { AT, useService } from './running-service.js';
import { base64, genuine } from './signatures.js';

const minutes = (count: number) => new Date(AT.getTime() + 60_000 * count);

describe('review', () => {
  const service = useService({ config: { claimMinutes: 10 } });
  const people: Record<string, string> = {};
  let questioned = 0;

  /** @returns the id of a new case. @param policy - `one` or `two` people */
  const newCase = async (policy = 'one') => {
    const image = await genuine(1, 20 + ++questioned);
    const body = { signatures: [{ writer: 'A', image: base64(image) }], policy };
    const { signatures } = await service().ask('decide', { key: 'verify', body });
    return { id: signatures[0]!.caseId!, image };
  };
  const claim = (who: string, body: object = {}) => service().ask('claimCase', { key: people[who]!, body });
  const say = (who: string, id: string, verdict: string) => ({
    ...{ key: people[who]!, params: { case: id }, body: { verdict, reason: `${who} looked` } },
  });

  beforeAll(async () => {
    for (const name of ['ada', 'bob', 'eve']) {
      const named = { name, roles: ['review'], expiresAt: null };
      people[name] = (await createApiKey(service().store, named, { at: AT, actor: 'test' })).key;
    }
    const images = await Promise.all([1, 2, 3].map((i) => genuine(1, i)));
    const references = images.map((image) => ({ image: base64(image) }));
    await service().ask('enrolWriter', { body: { writer: 'A', references } });
    for (const [name, twoPerson] of [
      ['one', false],
      ['two', true],
    ] as const) {
      const bands = [{ review: 'always', twoPerson }];
      await service().ask('addPolicy', { body: { schema: 'countersign/policy@1', name, title: name, bands } });
      await service().ask('activatePolicy', { params: { policy: name, version: 1 } });
    }
  }, 300_000);

  it('gives a case to one person at a time, for as long as the service is set up', async () => {
    const { id, image } = await newCase();
    const { items } = await service().ask('listCases', { key: people.ada! });
    expect(items).toMatchObject([
      { id, state: 'open', writer: 'A', network: { result: 'review', acceptUpTo: null, policy: 'one 1' } },
    ]);
    const claims = await Promise.allSettled(['ada', 'bob', 'eve'].map((who) => claim(who, { case: id })));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { claimedBy } = await service().ask('getCase', { params: { case: id } });
    const others = ['ada', 'bob', 'eve'].filter((who) => who !== claimedBy);
    const held = { key: people[others[0]!]!, body: { case: id } };
    const { detail } = await service().refused('claimCase', held, 'CASE_NOT_AVAILABLE');
    expect(detail).toContain(`${claimedBy} holds it until ${minutes(10).toISOString()}`);
    await service().refused('claimCase', { key: people[others[0]!]! }, 'CASE_NOT_AVAILABLE'); // no other waits
    await service().refused('decideCase', say(others[0]!, id, 'genuine'), 'CASE_NOT_AVAILABLE');
    await service().refused('releaseCase', { key: people[others[0]!]!, params: { case: id } }, 'CASE_NOT_AVAILABLE');

    const seen = await service().ask('caseImage', { key: people[others[1]!]!, params: { case: id } });
    expect(Buffer.from(await seen.arrayBuffer()).equals(image)).toBe(true);
    const { items: rows } = await service().ask('listAudit', { query: { action: 'case.image.read' } });
    expect(rows).toMatchObject([{ actor: others[1], result: null }]);

    const released = { key: people[claimedBy!]!, params: { case: id } };
    expect(await service().ask('releaseCase', released)).toMatchObject({ state: 'released', claimedBy: null });
    expect(await claim('eve', { minutes: 1 })).toMatchObject({ id, claimExpiresAt: minutes(1).toISOString() });
    service().now = minutes(1);
    expect(await claim('bob')).toMatchObject({ id, claimedBy: 'bob', claimExpiresAt: minutes(11).toISOString() });
    const decided = await service().ask('decideCase', say('bob', id, 'genuine'));
    expect(decided).toMatchObject({
      ...{ state: 'decided', outcome: 'genuine', decidedAt: minutes(1).toISOString() },
      verdicts: [{ actor: 'bob', verdict: 'genuine', reason: 'bob looked' }],
      network: { result: 'review' },
    });
    await service().refused('decideCase', say('bob', id, 'forged'), 'CASE_NOT_AVAILABLE');
    const past = await service().ask('getDecision', { params: { decision: decided.network.decisionId } });
    expect(past).toMatchObject({ decision: 'review', review: { caseId: id, outcome: 'genuine' } });
  });

  it('takes two people of one mind where the policy says so, and one key is one person', async () => {
    const { id } = await newCase('two');
    await claim('ada');
    expect(await service().ask('decideCase', say('ada', id, 'forged'))).toMatchObject({ state: 'open', outcome: null });
    await service().refused('claimCase', { key: people.ada!, body: { case: id } }, 'CASE_NOT_AVAILABLE');
    await claim('bob');
    const request = { ...say('bob', id, 'forged'), headers: { 'idempotency-key': 'said-once' } };
    const decided = await service().ask('decideCase', request);
    expect(decided).toMatchObject({ state: 'decided', outcome: 'forged', verdicts: [{}, {}] });
    expect(await service().ask('decideCase', request)).toEqual(decided);
    const { items } = await service().ask('listCases', { query: { state: 'decided' } });
    expect(items.map(({ outcome }) => outcome).sort()).toEqual(['forged', 'genuine']);
    expect((await service().ask('listCases')).items).toEqual([]);
  });

  it('refuses what is no verdict, and what is not there', async () => {
    const { id } = await newCase();
    await claim('ada', { case: id });
    const params = { case: id };
    for (const body of [
      {},
      { verdict: 'genuine' },
      { verdict: 'genuine', reason: '' },
      { verdict: 'maybe', reason: 'x' },
      { verdict: 'genuine', reason: 'a\0b' },
      { verdict: 'genuine', reason: 'x'.repeat(2001) },
    ]) {
      await service().refused('decideCase', { key: people.ada!, params, body }, 'REQUEST_INVALID');
    }
    const blank = { verdict: 'genuine', reason: '  ' };
    await service().refused('decideCase', { key: people.ada!, params, body: blank }, 'INVALID_ARGUMENT');
    const nothing = { case: '00000000-0000-4000-8000-000000000000' };
    await service().refused('getCase', { params: nothing }, 'CASE_NOT_FOUND');
    await service().refused('caseImage', { params: nothing }, 'CASE_NOT_FOUND');
    await service().refused('claimCase', { body: nothing }, 'CASE_NOT_FOUND');
    await service().refused('getDecision', { params: { decision: nothing.case } }, 'DECISION_NOT_FOUND');
    await service().refused('getCase', { params: { case: id.slice(0, 8) } }, 'REQUEST_INVALID');
    for (const body of [{ minutes: 0 }, { minutes: 1441 }, { case: 'x' }]) {
      await service().refused('claimCase', { body }, 'REQUEST_INVALID');
    }
  });

  it('is counted: volumes, what waits, and what people found', async () => {
    const figures = await service().ask('statistics', { key: people.eve! });
    expect(figures).toMatchObject({
      ...{ from: minutes(1 - 30 * 24 * 60).toISOString(), to: minutes(1).toISOString() },
      decisions: { total: 1, byResult: { accept: 0, review: 1 } }, // the others are of this very minute
    });
    expect(figures.decisions.byDay).toHaveLength(31);
    await service().ask('statistics', { query: { to: '0001-01-02' } }); // 30 days before there is no year
    const { decisions, cases, reviewed } = await service().ask('statistics', { query: { to: '2026-03-30' } });
    expect(decisions).toMatchObject({ total: 3, leftToPeople: { count: 3, of: 3, share: 1 } });
    expect(cases).toEqual({ waiting: 1, oldestWaiting: minutes(1).toISOString(), opened: 3, decided: 2 });
    expect(reviewed.review).toEqual({ decisions: 3, waiting: 1, genuine: 1, forged: 1, inconclusive: 0 });
    for (const query of [{ from: '2026-03-30' }, { from: '2020-01-01' }]) {
      await service().refused('statistics', { query }, 'INVALID_ARGUMENT');
    }
    for (const query of [{ from: 'x' }, { from: '0000-01-01' }, { since: '2026-01-01' }]) {
      await service().refused('statistics', { query }, 'REQUEST_INVALID');
    }
  });
});
