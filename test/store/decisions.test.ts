/** What is decided of enrolled writers, by which policy, and what is on record afterwards: on every database. */
import { asc, desc, eq, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDecider } from '../../src/decide/decide.js';
import type { Question } from '../../src/decide/question.js';
import { type Policy, policySchema } from '../../src/policy/document.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { checkStore } from '../../src/store/check.js';
import { createWriter } from '../../src/store/enrol.js';
import { eraseWriters } from '../../src/store/erase.js';
import {
  activatePolicy,
  activePolicy,
  addPolicy,
  findPolicy,
  listPolicies,
  unkeptPolicies,
} from '../../src/store/policies.js';
import { auditLog, cases, decisions, mandateDecisions, policies } from '../../src/store/schema.js';
import { questionedImageRow } from '../../src/store/sealed-columns.js';
import { withNumbers } from '../../src/store/signers.js';
import type { Store } from '../../src/store/store.js';
import { BACKENDS } from './backends.js';
import { onFreshStore } from './fresh-store.js';
import { blank, CALIBRATED, calibrated, madeUpEmbedder, signedAt } from './made-up-embedder.js';
import { newReference } from './new-reference.js';

const AT = new Date('2026-03-29T01:59:59.123Z');
const by = { at: AT, actor: 'teller' };
const later = (hours: number) => new Date(AT.getTime() + hours * 3_600_000);

describe.each(Object.entries(BACKENDS))('decisions on %s', (_, start) => {
  let store: Store;
  onFreshStore(start, (opened) => {
    store = opened;
  });

  /** References at 0, 10 and 20 degrees from `at`, which differ by 0.232 on average. */
  const enrol = async (externalRef: string, at = 0, degrees: readonly number[] = [0, 10, 20]) => {
    const references = degrees.map((more) => newReference(at + more));
    const { writerId } = await store.database.transaction((tx) =>
      createWriter(tx, store.keys, { externalRef, name: null, expiresAt: null }, references, ENROLLING, by),
    );
    return { writerId, references };
  };
  const policy = (fields: object): Policy =>
    policySchema.parse({ schema: 'countersign/policy@1', name: 'cheques', title: 'Cheques', bands: BANDS, ...fields });
  const activate = async (fields: object, from = AT) => {
    const { name, version } = await addPolicy(store, policy(fields), by);
    return activatePolicy(store, { name, version }, CALIBRATED, from, by);
  };
  const decide = (question: Question, at = AT) =>
    createDecider(store, madeUpEmbedder(CALIBRATED)).decide(question, { ...by, at });
  const one = (writer: string, image: Buffer) => [{ writer, image }];
  const rows = async () => {
    const { orm } = store.database;
    const counts = [decisions, cases, mandateDecisions, auditLog].map(async (table) => orm.$count(table));
    return Promise.all(counts);
  };

  it('accepts by the distance less the writer’s own spread, with all of it on record and no image kept', async () => {
    const { writerId } = await enrol('customer 4711');
    await activate({});
    const decided = await decide({ signatures: one('customer 4711', signedAt(12)), policy: 'cheques' });
    const chord = (degrees: number) => 2 * Math.sin((degrees * Math.PI) / 360);
    const mean = (chord(12) + chord(2) + chord(8)) / 3 - (chord(10) + chord(10) + chord(20)) / 6;
    const [signature] = decided.signatures;
    expect(signature!.distance).toBeCloseTo(mean, 6);
    expect(decided).toMatchObject({
      decision: 'accept',
      mandateDecisionId: null,
      policy: { name: 'cheques', version: 1 },
    });
    expect(decided.reasons.join(' ')).toMatch(
      /^As close as .*distance 0\.\d{3}, threshold 0\.250.*lie 0\.232 apart on average.*Policy cheques, version 1, any amount\./,
    );
    const { orm } = store.database;
    const [row] = await orm.select().from(decisions);
    expect(row).toMatchObject({
      ...{ id: signature!.decisionId, writerId, result: 'accept', thresholds: { acceptUpTo: 0.25, rejectAbove: 0.75 } },
      ...{ policyName: 'cheques', policyVersion: 1, distance: signature!.distance, reasons: decided.reasons },
    });
    expect(Object.keys((row!.evidence as { distances: object }).distances)).toHaveLength(3);
    const log = await orm.select().from(auditLog).orderBy(asc(auditLog.seq));
    expect(log.at(-1)).toMatchObject({
      ...{ action: 'decision.made', actor: 'teller', modelId: 'model-1', policy: 'cheques 1', threshold: 0.25 },
      ...{ result: 'accept', subjectIds: [writerId, signature!.decisionId], imageHashes: [row!.questionedImageHash] },
    });
    expect(await rows()).toEqual([1, 0, 0, log.length]);
    expect(JSON.stringify(log)).not.toContain('customer 4711');
    expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });
  });

  it('does what a caller adds in the same transaction: both last, or neither', async () => {
    await enrol('customer 4711');
    const before = await rows();
    const decider = createDecider(store, madeUpEmbedder(CALIBRATED));
    const question = { signatures: one('customer 4711', signedAt(10)) };
    const failing = decider.decide(question, by, async (tx, { signatures }) => {
      expect(await tx.select().from(decisions).where(eq(decisions.id, signatures[0]!.decisionId))).toHaveLength(1);
      throw new Error('the caller failed');
    });
    await expect(failing).rejects.toThrow('the caller failed');
    expect(await rows()).toEqual(before);
  });

  it('leaves what lies between to a person, with the image sealed in the case; rejects what lies beyond', async () => {
    await enrol('customer 4711');
    await activate({});
    const image = signedAt(40);
    const review = await decide({ signatures: one('customer 4711', image), policy: 'cheques' });
    expect(review.decision).toBe('review');
    const [row] = await store.database.orm.select().from(cases);
    expect(row).toMatchObject({ id: review.signatures[0]!.caseId, state: 'open', twoPerson: false });
    expect(store.keys.open(row!.questionedImage!, questionedImageRow(row!.id)).equals(image)).toBe(true);
    expect((await decide({ signatures: one('customer 4711', signedAt(90)), policy: 'cheques' })).decision).toBe(
      'reject',
    );
    expect((await rows()).slice(0, 2)).toEqual([2, 1]);
    expect((await checkStore(store)).problems).toEqual([]);
  });

  it('decides without a policy by the threshold of the model for so many references', async () => {
    await enrol('customer 4711');
    const decided = await decide({ signatures: one('customer 4711', signedAt(12)) });
    expect(decided).toMatchObject({ decision: 'accept', policy: null });
    expect(decided.signatures[0]!.thresholds!.source).toContain(
      'equal error rate on 30 calibration writers with 3 ref',
    );
  });

  it('cannot decide on a blank image, a writer who is not ready, or too few references', async () => {
    await enrol('ready');
    await enrol('enrolling', 0, [0, 10]);
    await activate({ minimumReferences: 4 });
    for (const [writer, image, reason] of [
      ['ready', blank(), 'The questioned image shows no signature: No ink was found.'],
      ['enrolling', signedAt(5), 'The writer has not enough references yet.'],
      ['ready', signedAt(5), 'The writer has 3 references that the model has seen; 4 are needed.'],
    ] as const) {
      const decided = await decide({ signatures: one(writer, image), policy: 'cheques' });
      expect(decided).toMatchObject({ decision: 'inconclusive', reasons: [reason] });
      expect(decided.signatures[0]).toMatchObject({ distance: null, thresholds: null, distances: {}, caseId: null });
    }
    expect((await rows()).slice(0, 2)).toEqual([3, 0]);
  });

  it('leaves a copy of a reference to a person, however close it lies', async () => {
    await enrol('customer 4711');
    const decided = await decide({ signatures: one('customer 4711', signedAt(10)) });
    expect(decided).toMatchObject({
      decision: 'review',
      reasons: [expect.stringContaining('may be a copy'), expect.anything(), expect.anything()],
    });
    expect(decided.signatures[0]!.caseId).not.toBeNull();
  });

  it('takes the band of the amount: rates, a person for all, cases that the policy asks for', async () => {
    await enrol('customer 4711');
    const bands = [
      { upTo: '100', far: 0.05, frr: 0.05 },
      { upTo: '1000', far: 0.05, casesFor: ['accept'], twoPerson: true },
      { review: 'always' },
    ];
    await activate({ currency: 'EUR', bands });
    const of = async (amount: string, degrees = 12) => {
      const money = { amount, currency: 'EUR' };
      const decided = await decide({ signatures: one('customer 4711', signedAt(degrees)), policy: 'cheques', money });
      return { decision: decided.decision, hasCase: decided.signatures[0]!.caseId !== null };
    };
    expect(await of('100.00')).toEqual({ decision: 'accept', hasCase: false });
    expect(await of('100.01')).toEqual({ decision: 'accept', hasCase: true });
    expect(await of('100.01', 40)).toEqual({ decision: 'reject', hasCase: false });
    expect(await of('1000.01')).toEqual({ decision: 'review', hasCase: true });
    const kept = await store.database.orm.select().from(cases).orderBy(asc(cases.createdAt));
    expect(kept.map(({ twoPerson }) => twoPerson).sort()).toEqual([false, true]);
    const [row] = await store.database.orm.select().from(decisions).where(eq(decisions.amount, '1000.01'));
    expect(row).toMatchObject({ currency: 'EUR', thresholds: {} });
  });

  it('writes nothing where it is refused', async () => {
    await enrol('customer 4711');
    await activate({ currency: 'EUR', bands: [{ upTo: '100', far: 0.05 }] });
    await addPolicy(store, policy({ name: 'draft' }), by);
    const before = await rows();
    const signatures = one('customer 4711', signedAt(12));
    const euros = { amount: '1', currency: 'EUR' };
    const other = createDecider(store, madeUpEmbedder(calibrated('model-2')));
    for (const [refused, code] of [
      [() => decide({ signatures: one('nobody', signedAt(1)) }), 'WRITER_NOT_FOUND'],
      [() => decide({ signatures, policy: 'cheques' }), 'POLICY_NOT_APPLICABLE'],
      [() => decide({ signatures, policy: 'cheques', money: { ...euros, amount: '101' } }), 'POLICY_NOT_APPLICABLE'],
      [() => decide({ signatures, policy: 'draft' }), 'POLICY_NOT_APPLICABLE'],
      [() => decide({ signatures, policy: 'none' }), 'POLICY_NOT_FOUND'],
      [() => decide({ signatures: [] }), 'INVALID_ARGUMENT'],
      [() => decide({ signatures: [...signatures, ...signatures] }), 'INVALID_ARGUMENT'],
      [() => decide({ signatures: [...signatures, ...one('4712', signedAt(1))] }), 'POLICY_NOT_APPLICABLE'],
      [() => decide({ signatures: [{ writer: 'customer 4711', image: 'none.png' }] }), 'IMAGE_NOT_FOUND'],
      [() => other.decide({ signatures }, by), 'MODEL_NOT_ACTIVE'],
    ] as const) {
      await expect(refused()).rejects.toMatchObject({ code });
    }
    expect(await rows()).toEqual(before);
  });

  describe('a mandate', () => {
    const mandate = {
      panels: { directors: ['A', 'B', 'C'] },
      rule: {
        anyOf: [
          { panel: 'directors', upTo: '100' },
          { panel: 'directors', count: 2 },
        ],
      },
    };
    const sign = (amount: string, ...said: (readonly [string, number])[]) =>
      decide({
        signatures: said.map(([writer, degrees]) => ({ writer, image: signedAt(degrees) })),
        policy: 'cheques',
        money: { amount, currency: 'EUR' },
      });
    beforeEach(async () => {
      for (const name of ['A', 'B', 'C', 'D']) await enrol(name);
      await activate({ currency: 'EUR', mandate });
    });

    it('is fulfilled by one up to a limit and by two above it, decided together', async () => {
      expect(await sign('100', ['A', 12])).toMatchObject({ decision: 'accept' });
      expect(await sign('101', ['A', 12])).toMatchObject({ decision: 'reject' });
      const both = await sign('101', ['C', 12], ['A', 14]);
      expect(both).toMatchObject({ decision: 'accept', signatures: [{ writer: 'C' }, { writer: 'A' }] });
      const { orm } = store.database;
      const own = await orm.select().from(decisions).where(eq(decisions.mandateDecisionId, both.mandateDecisionId!));
      expect(own.map(({ id }) => id).sort()).toEqual(both.signatures.map(({ decisionId }) => decisionId).sort());
      expect((await rows()).slice(0, 3)).toEqual([4, 0, 3]);
      expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });
    });

    it('goes to a person with the signature that is rejected beside enough others', async () => {
      const decided = await sign('100', ['A', 12], ['B', 90]);
      expect(decided).toMatchObject({ decision: 'review', signatures: [{ caseId: null }, { decision: 'reject' }] });
      expect(decided.signatures[1]!.caseId).not.toBeNull();
    });

    it('names its signers by id: an erased one leaves no number behind, and can no longer sign', async () => {
      const stored = await activePolicy(store.database.orm, 'cheques', AT);
      expect(JSON.stringify(stored.document)).not.toMatch(/"[ABC]"/);
      const [named] = await withNumbers(store.database.orm, [stored]);
      expect(named!.document.mandate!.panels).toEqual(mandate.panels);
      const both = await sign('101', ['A', 12], ['B', 14]);
      await eraseWriters(store, ['B'], by);
      expect(await store.database.orm.select().from(decisions)).toHaveLength(1);
      const [left] = await store.database.orm.select().from(mandateDecisions);
      expect(left).toMatchObject({ id: both.mandateDecisionId, result: 'accept' });
      const [shown] = await withNumbers(store.database.orm, [stored]);
      expect(shown!.document.mandate!.panels.directors![1]).toMatch(/^erased [0-9a-f-]{36}$/);
      await expect(sign('100', ['B', 12])).rejects.toMatchObject({ code: 'WRITER_NOT_FOUND' });
      expect((await checkStore(store)).problems).toEqual([]);
    });

    it('is refused where it names somebody who is not enrolled', async () => {
      const unknown = policy({ mandate: { rule: { signer: 'nobody' } } });
      await expect(addPolicy(store, unknown, by)).rejects.toMatchObject({ code: 'WRITER_NOT_FOUND' });
    });
  });

  describe('a policy', () => {
    it('is stored in versions that stay as they are', async () => {
      await addPolicy(store, policy({}), by);
      await addPolicy(store, policy({ title: 'Cheques, stricter' }), by);
      const { orm } = store.database;
      const { items } = await listPolicies(orm, { name: 'cheques', limit: 9 });
      expect(items.map(({ version, document }) => [version, document.title])).toEqual([
        [2, 'Cheques, stricter'],
        [1, 'Cheques'],
      ]);
      expect((await findPolicy(orm, 'cheques')).version).toBe(2);
      await expect(findPolicy(orm, 'cheques', 3)).rejects.toMatchObject({ code: 'POLICY_NOT_FOUND' });
      for (const statement of [
        `UPDATE policies SET document = '{}'`,
        'UPDATE policies SET version = 9',
        'DELETE FROM policies',
      ]) {
        await expect(orm.execute(sql.raw(statement)), statement).rejects.toThrow('a stored version stays as it is');
      }
    });

    it('holds from its activation until another version does', async () => {
      const { orm } = store.database;
      await activate({});
      await activate({ title: 'second' }, later(24));
      const holds = async (at: Date) => (await activePolicy(orm, 'cheques', at)).version;
      expect([await holds(AT), await holds(later(23.9)), await holds(later(24))]).toEqual([1, 1, 2]);
      await expect(holds(new Date(AT.getTime() - 1))).rejects.toMatchObject({ code: 'POLICY_NOT_APPLICABLE' });
      const first = { name: 'cheques', version: 1 };
      const again = await activatePolicy(store, first, CALIBRATED, later(1), { ...by, at: later(1) });
      expect(again.notToCome).toEqual([2]);
      const [row] = await orm.select().from(auditLog).orderBy(desc(auditLog.seq)).limit(1);
      expect(row!.action).toBe('policy.activated');
      expect(JSON.parse(row!.details!)).toMatchObject({ notToCome: [2] });
      expect([await holds(AT), await holds(later(24))]).toEqual([1, 1]);
      const past = activatePolicy(store, { name: 'cheques', version: 2 }, CALIBRATED, AT, { ...by, at: later(1) });
      await expect(past).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });

    it('is not taken out of force by letting it hold again later', async () => {
      const { orm } = store.database;
      await activate({});
      await activate({ title: 'second' }, later(24));
      const again = activatePolicy(store, { name: 'cheques', version: 1 }, CALIBRATED, later(48), by);
      await expect(again).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('new version'),
      });
      expect((await activePolicy(orm, 'cheques', later(1))).version).toBe(1);
      expect((await activePolicy(orm, 'cheques', later(49))).version).toBe(2);
    });

    it('is not activated where the calibration cannot keep it, or the model is another', async () => {
      await enrol('customer 4711');
      await addPolicy(store, policy({ bands: [{ far: 0.005 }] }), by);
      const version = { name: 'cheques', version: 1 };
      const unkept = activatePolicy(store, version, CALIBRATED, AT, by);
      await expect(unkept).rejects.toMatchObject({
        code: 'TARGET_UNSUPPORTED',
        message: expect.stringMatching(/^Band 1 of policy cheques: FAR 0\.5 % with one reference/),
      });
      await expect(activatePolicy(store, version, calibrated('model-2'), AT, by)).rejects.toMatchObject({
        code: 'MODEL_NOT_ACTIVE',
      });
      const [row] = await store.database.orm.select().from(policies);
      expect(row).toMatchObject({ activeFrom: null, activeTo: null });
    });

    it('is named where it holds and another model could not keep it', async () => {
      await activate({});
      await activate({ title: 'later' }, later(24));
      await addPolicy(store, policy({ name: 'draft' }), by);
      await activate({ name: 'people', bands: [{ review: 'always' }] });
      const { orm } = store.database;
      expect(await unkeptPolicies(orm, calibrated('model-2'), AT)).toEqual([]);
      const reason = expect.stringMatching(/^Band 1 of policy cheques: FAR 5 % with one reference/);
      const both = [1, 2].map((version) => ({ name: 'cheques', version, reason }));
      expect(await unkeptPolicies(orm, calibrated('model-2', 2), AT)).toEqual(both);
      expect(await unkeptPolicies(orm, calibrated('model-2', 2), later(24))).toEqual([both[1]]);
    });

    it('gets versions in a row where several are added at once', async () => {
      await Promise.all(Array.from({ length: 5 }, () => addPolicy(store, policy({}), by)));
      const { items } = await listPolicies(store.database.orm, { limit: 9 });
      expect(items.map(({ version }) => version)).toEqual([5, 4, 3, 2, 1]);
    });
  });
});

const BANDS = [{ far: 0.05, frr: 0.05 }];
const ENROLLING = { ...CALIBRATED, dimension: 4 };
