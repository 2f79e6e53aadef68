/** Signatures of enrolled writers decided on by policies, amounts and mandates, as a program asks the service. */
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { AT, useService } from './running-service.js';
import { base64, forged, genuine } from './signatures.js';

const POLICY = {
  schema: 'countersign/policy@1',
  ...{ name: 'cheques', title: 'Cheques', currency: 'EUR', minimumReferences: 3 },
  bands: [
    { upTo: '1000', far: 0.1, frr: 0.1, casesFor: ['review', 'reject'] },
    { upTo: '5000', review: 'always' },
  ],
};

describe('decisions', () => {
  const service = useService();
  const decide = (body: object, key = 'verify') => service().ask('decide', { key, body });
  const signed = async (writer: string, image: Promise<Buffer>) => ({ writer, image: base64(await image) });
  let first: string;
  let blank: Promise<Buffer>;

  beforeAll(async () => {
    for (const [number, writer] of [
      ['A', 1],
      ['B', 2],
    ] as const) {
      const images = await Promise.all([1, 2, 3].map((i) => genuine(writer, i)));
      const references = images.map((image) => ({ image: base64(image) }));
      await service().ask('enrolWriter', { body: { writer: number, references } });
    }
    const background = { width: 300, height: 100, channels: 3, background: '#fff' } as const;
    blank = sharp({ create: background }).png().toBuffer();
  }, 300_000);

  it('are made by the model alone where no policy is named, and are on record', async () => {
    const decided = await decide({ signatures: [await signed('A', genuine(1, 9))] });
    const [signature] = decided.signatures;
    expect(decided).toMatchObject({ decision: 'accept', policy: null, money: null, mandateDecisionId: null });
    expect(signature).toMatchObject({ writer: 'A', decision: 'accept', caseId: null });
    expect(Object.keys(signature!.distances)).toHaveLength(3);
    const params = { decision: signature!.decisionId };
    const { similarity: _, caseId: __, ...made } = signature!;
    const { source: ___, ...thresholds } = made.thresholds!;
    expect(await service().ask('getDecision', { key: 'review', params })).toEqual({
      ...{ ...made, thresholds, modelId: decided.modelId, actor: 'verify', createdAt: AT.toISOString() },
      ...{ imageHash: expect.any(String), policy: null, money: null, document: null, review: null },
    });
    const blankOne = await decide({ signatures: [await signed('A', blank)] });
    expect(blankOne).toMatchObject({ decision: 'inconclusive', signatures: [{ distance: null, thresholds: null }] });
    const { items } = await service().ask('writerDecisions', { key: 'enrol', params: { writer: 'A' } });
    expect(items.map(({ decision }) => decision).sort()).toEqual(['accept', 'inconclusive']);
  });

  it('go by a policy once it is active, and by the amount', async () => {
    const checked = await service().ask('validatePolicy', { body: POLICY });
    expect(checked.document.bands[0]).toMatchObject({ forgeries: 'skilled', twoPerson: false });
    const added = await service().ask('addPolicy', { body: POLICY });
    expect(added).toMatchObject({ name: 'cheques', version: 1, createdBy: 'admin', activeFrom: null });
    const signatures = [await signed('A', genuine(1, 10))];
    const small = { signatures, policy: 'cheques', amount: '800', currency: 'EUR' };
    await service().refused('decide', { body: small }, 'POLICY_NOT_APPLICABLE');
    const params = { policy: 'cheques', version: 1 };
    expect(await service().ask('activatePolicy', { params })).toMatchObject({ activeFrom: AT.toISOString() });

    expect(await decide(small)).toMatchObject({
      ...{ decision: 'accept', policy: { name: 'cheques', version: 1 }, money: { amount: '800', currency: 'EUR' } },
    });
    const large = await decide({ ...small, amount: '1000.01' });
    expect(large).toMatchObject({ decision: 'review', signatures: [{ thresholds: null, caseId: expect.any(String) }] });
    const stranger = await decide({ ...small, signatures: [await signed('A', genuine(2, 9))] });
    expect(stranger).toMatchObject({ decision: 'reject', signatures: [{ caseId: expect.any(String) }] });
    first = stranger.signatures[0]!.caseId!;
    const past = await service().ask('getDecision', { params: { decision: stranger.signatures[0]!.decisionId } });
    expect(past).toMatchObject({
      review: { caseId: first, state: 'open', outcome: null },
      money: { amount: '800.00' },
    });

    for (const [changes, code] of [
      [{ policy: 'nothing' }, 'POLICY_NOT_FOUND'],
      [{ amount: '5000.01' }, 'POLICY_NOT_APPLICABLE'],
      [{ currency: 'USD' }, 'POLICY_NOT_APPLICABLE'],
      [{ amount: undefined, currency: undefined }, 'POLICY_NOT_APPLICABLE'],
      [{ signatures: [{ ...signatures[0], writer: 'nobody' }] }, 'WRITER_NOT_FOUND'],
      [{ signatures: [signatures[0], await signed('B', genuine(2, 10))] }, 'POLICY_NOT_APPLICABLE'],
      [{ amount: '1e3' }, 'REQUEST_INVALID'],
      [{ amount: 800 }, 'REQUEST_INVALID'],
      [{ currency: undefined }, 'REQUEST_INVALID'],
      [{ signatures: [] }, 'REQUEST_INVALID'],
      [{ policies: 'cheques' }, 'REQUEST_INVALID'],
    ] as const) {
      await service().refused('decide', { body: { ...small, ...changes } }, code);
    }
  });

  it('on a document that several sign go by its mandate, from a form', async () => {
    const bands = [{ far: 0.1, frr: 0.1 }];
    const mandate = { rule: { allOf: [{ signer: 'A' }, { signer: 'B' }] } };
    const both = { ...POLICY, name: 'both', currency: undefined, bands, mandate };
    const added = await service().ask('addPolicy', { body: both });
    expect(added.document.mandate!.rule).toEqual(mandate.rule);
    const params = { policy: 'both', version: 1 };
    const from = new Date(AT.getTime() + 60_000).toISOString();
    expect(await service().ask('activatePolicy', { params, body: { from } })).toMatchObject({
      ...{ activeFrom: from, document: { mandate: { rule: mandate.rule } } },
    });
    const form = new FormData();
    for (const [writer, image] of [
      ['A', await genuine(1, 11)],
      ['B', await genuine(2, 11)],
    ] as const) {
      form.append('writer', writer);
      form.append('image', new Blob([image]), 'signature.png');
    }
    form.append('policy', 'both');
    await service().refused('decide', { body: form }, 'POLICY_NOT_APPLICABLE'); // not yet
    service().now = new Date(AT.getTime() + 60_000);
    const decided = await service().ask('decide', { key: 'verify', body: form });
    expect(decided).toMatchObject({
      ...{ decision: 'accept', mandateDecisionId: expect.any(String), policy: { name: 'both' } },
      signatures: [{ writer: 'A' }, { writer: 'B' }],
    });
    const one = await service().ask('getDecision', { params: { decision: decided.signatures[1]!.decisionId } });
    expect(one.document).toEqual({
      ...{ mandateDecisionId: decided.mandateDecisionId, decision: 'accept', reasons: decided.reasons },
      reviewed: null,
    });
    form.append('writer', 'C');
    await service().refused('decide', { body: form }, 'REQUEST_INVALID'); // a writer without an image
    service().now = AT;
  });

  it('have their effect once for one Idempotency-Key', async () => {
    const body = { signatures: [await signed('A', forged(1, 1))], policy: 'cheques', amount: '10', currency: 'EUR' };
    const request = { key: 'verify', body, headers: { 'idempotency-key': 'cheque 1'.replace(' ', '-') } };
    const before = await service().ask('listAudit', { query: { limit: 1 } });
    const [a, b] = await Promise.all([service().ask('decide', request), service().ask('decide', request)]);
    expect(b.signatures).toEqual(a.signatures);
    const again = await service().fetch('decide', request);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await again.json()).toMatchObject({ signatures: a.signatures });
    const { items } = await service().ask('listAudit', { query: { after: before.items[0]!.seq } });
    expect(items.map(({ action }) => action)).toEqual(['decision.made']);
    await service().refused('decide', { ...request, body: { ...body, amount: '11' } }, 'IDEMPOTENCY_CONFLICT');

    const reference = { image: base64(await genuine(3, 1)) };
    const enrolment = { body: { writer: 'C', references: [reference] }, headers: { 'idempotency-key': 'C' } };
    const enrolled = await service().ask('enrolWriter', enrolment);
    expect(await service().ask('enrolWriter', enrolment)).toEqual(enrolled);
    await service().refused('enrolWriter', { body: enrolment.body }, 'WRITER_EXISTS');
  });

  it('name whose signature it may be', async () => {
    const body = { image: base64(await genuine(2, 12)), limit: 1 };
    const found = await service().ask('identify', { key: 'verify', body });
    expect(found.candidates).toMatchObject([{ writer: 'B', referenceCount: 3, withinThreshold: true }]);
    const form = new FormData();
    form.append('image', new Blob([await genuine(1, 12)]));
    form.append('limit', '2');
    form.append('exact', 'true');
    const exact = await service().ask('identify', { body: form });
    expect(exact.candidates.map(({ writer }) => writer)).toEqual(['A', 'B']); // C is not ready
    const nothing = await service().ask('identify', { body: { image: base64(await blank) } });
    expect(nothing).toMatchObject({ candidates: [], problem: { code: 'IMAGE_BLANK' } });
    await service().refused('identify', { body: { ...body, limit: 0 } }, 'REQUEST_INVALID');
  });

  it('by a policy need one that the model can keep', async () => {
    const strict = { ...POLICY, bands: [{ far: 0.0001 }] };
    await service().refused('validatePolicy', { body: strict }, 'TARGET_UNSUPPORTED');
    expect(await service().ask('addPolicy', { body: strict })).toMatchObject({ version: 2 });
    const params = { policy: 'cheques', version: 2 };
    await service().refused('activatePolicy', { params }, 'TARGET_UNSUPPORTED');
    await service().refused('activatePolicy', { params: { ...params, version: 9 } }, 'POLICY_NOT_FOUND');
    const past = { from: '2020-01-01' };
    await service().refused('activatePolicy', { params: { ...params, version: 1 }, body: past }, 'INVALID_ARGUMENT');
    for (const version of [0, 1.5, 'x', 2 ** 31]) {
      await service().refused('activatePolicy', { params: { ...params, version } }, 'REQUEST_INVALID');
    }
    for (const body of [
      { ...POLICY, bands: [] },
      { ...POLICY, name: 'a b' },
      { ...POLICY, title: 'a\0b' },
      { ...POLICY, title: '\ud800' },
      { ...POLICY, mandate: { rule: { panel: 'none' } } },
    ]) {
      await service().refused('validatePolicy', { body }, 'REQUEST_INVALID');
    }
    const unknown = { ...POLICY, mandate: { rule: { signer: 'nobody' } } };
    await service().refused('addPolicy', { body: unknown }, 'WRITER_NOT_FOUND');
    const { items } = await service().ask('listPolicies', { key: 'enrol', query: { name: 'cheques' } });
    expect(items.map(({ version, activeFrom }) => [version, activeFrom])).toEqual([
      [2, null],
      [1, AT.toISOString()],
    ]);
  });
});
