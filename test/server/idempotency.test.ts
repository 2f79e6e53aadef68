/** A request that comes again with its Idempotency-Key. */
import { eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDecider } from '../../src/decide/decide.js';
import type { DocumentDecision } from '../../src/decide/question.js';
import { answerOnce } from '../../src/server/idempotency.js';
import { checkStore } from '../../src/store/check.js';
import { decisions, idempotentAnswers, writers } from '../../src/store/schema.js';
import { AT, useService } from './running-service.js';
import { base64, forged, genuine } from './signatures.js';

describe('a request that comes again', () => {
  const service = useService();
  let references: { image: string }[];
  let questioned: Buffer;
  beforeAll(async () => {
    references = await Promise.all([1, 2, 3].map(async (i) => ({ image: base64(await genuine(1, i)) })));
    questioned = await forged(1, 1);
  });

  const count = (table: typeof writers | typeof decisions | typeof idempotentAnswers) =>
    service().store.database.orm.$count(table);
  const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });

  it('has its effect once, however often and however closely it comes', async () => {
    const body = { writer: '4711', references };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => service().fetch('enrolWriter', { body, ...withKey('enrol-4711') })),
    );
    const said = await Promise.all(answers.map((answer) => answer.json() as Promise<{ writerId: string }>));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    for (const one of said) expect(one).toEqual(said[0]);
    expect(await count(writers)).toBe(1);

    const decide = (key: string) =>
      service().fetch('decide', {
        ...{ key, body: { signatures: [{ writer: '4711', image: base64(questioned) }] }, ...withKey('cheque-1') },
      });
    const first = await (await decide('admin')).json();
    expect(await (await decide('admin')).json()).toEqual(first);
    expect(await count(decisions)).toBe(1);
    await decide('verify'); // the key of another caller is another's
    expect(await count(decisions)).toBe(2);
  });

  it('is the same as JSON and as a form, and another one is refused', async () => {
    const form = new FormData();
    form.append('writer', '4711');
    form.append('image', new Blob([questioned]));
    const again = await service().fetch('decide', { body: form, ...withKey('cheque-1') });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    const body = { signatures: [{ writer: '4711', image: references[0]!.image }] };
    await service().refused('decide', { body, ...withKey('cheque-1') }, 'IDEMPOTENCY_CONFLICT');
    await service().refused('decide', { body, ...withKey('x'.repeat(256)) }, 'REQUEST_INVALID');
    expect(await count(decisions)).toBe(2);
  });

  it('is asked anew where it was refused: nothing had happened', async () => {
    const body = { signatures: [{ writer: '4712', image: base64(questioned) }] };
    await service().refused('decide', { body, ...withKey('early') }, 'WRITER_NOT_FOUND');
    await service().ask('enrolWriter', {
      body: { writer: '4712', references: [{ image: base64(await genuine(2, 1)) }] },
    });
    expect(await service().ask('decide', { body, ...withKey('early') })).toMatchObject({ decision: 'inconclusive' });
  });

  it('is kept as its last run has it, where two transactions were in each other’s way', async () => {
    const { store, embedder } = service();
    const request = { idempotencyKey: 'run-again', operation: 'decide', apiKeyId: 'key', asked: {}, at: AT };
    const before = await count(decisions);
    let runs = 0;
    const kept = await answerOnce<DocumentDecision>(store, request, (once) => {
      const keep = once(({ signatures }: DocumentDecision) => signatures.map(({ writerId }) => writerId))!;
      const question = { signatures: [{ writer: '4712', image: questioned }], policy: undefined, money: undefined };
      return createDecider(store, embedder).decide(question, { at: AT, actor: 'test' }, async (tx, decided) => {
        await keep(tx, decided);
        runs += 1;
        if (runs === 1) await tx.execute(sql`DO $$ BEGIN RAISE SQLSTATE '40001'; END $$`); // serialization_failure
      });
    });
    expect(runs).toBe(2);
    expect(await count(decisions)).toBe(before + 1);
    const { decisionId } = (JSON.parse(kept.json) as DocumentDecision).signatures[0]!;
    expect(await store.database.orm.select().from(decisions).where(eq(decisions.id, decisionId))).toHaveLength(1);
    const again = await answerOnce(store, request, () => Promise.reject(new Error('a second time')));
    expect(again).toEqual({ json: kept.json, replayed: true });
  });

  it('keeps answers sealed, for a day, and none that speaks of an erased writer', async () => {
    const { orm } = service().store.database;
    const rows = async () =>
      JSON.stringify((await orm.execute(sql`SELECT to_jsonb(a) FROM idempotent_answers AS a`)).rows);
    expect(await rows()).not.toMatch(/distance|reasons|cheque/);
    expect((await checkStore(service().store)).problems).toEqual([]);
    const before = await count(idempotentAnswers);
    const report = await service().ask('eraseWriter', { params: { writer: '4711' } });
    expect(report.writers[0]!.removed).toMatchObject({ answers: 3 });
    expect(await count(idempotentAnswers)).toBe(before - 3);

    service().now = new Date(AT.getTime() + 25 * 3_600_000);
    const body = { signatures: [{ writer: '4712', image: base64(questioned) }] };
    const late = await service().fetch('decide', { body, ...withKey('early') });
    expect(late.headers.get('idempotent-replayed')).toBeNull();
    expect(await count(idempotentAnswers)).toBe(1);
  });
});
