/** A writer from enrolment to erasure, as a program asks the service. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AT, useService } from './running-service.js';
import { base64, genuine } from './signatures.js';

const DAY_MS = 86_400_000;

describe('writers', () => {
  const service = useService();
  const stranger = () => genuine(2, 1);
  const enrolled = (numbers: readonly number[]) => Promise.all(numbers.map((number) => genuine(1, number)));
  const asJson = (images: readonly Buffer[]) => images.map((image) => ({ image: base64(image) }));

  it('are enrolled with references as JSON, and get more from a form', async () => {
    const [a, b] = await enrolled([1, 2]);
    const outcome = await service().ask('enrolWriter', {
      key: 'enrol',
      body: {
        ...{ writer: '4711 / Ä', name: 'Ada Example', expiresAt: '2027-01-01' },
        references: [{ image: base64(a!), capturedAt: '2026-01-31' }, { image: `data:image/png;base64,${base64(b!)}` }],
      },
    });
    expect(outcome).toMatchObject({ state: 'enrolling', reason: '2 of 3 references.', staleFrom: null });
    const sha256 = (image: Buffer) => createHash('sha256').update(image).digest('hex');
    expect(outcome.references.map(({ imageHash }) => imageHash)).toEqual([sha256(a!), sha256(b!)]);

    const form = new FormData();
    for (const image of await enrolled([3, 4])) form.append('references', new Blob([image]), 'reference.png');
    form.append('capturedAt', '2026-02-01');
    const params = { writer: '4711 / Ä' };
    const added = await service().ask('addReferences', { key: 'enrol', params, body: form });
    expect(added).toMatchObject({ writerId: outcome.writerId, state: 'ready', references: [{}, {}] });

    const shown = await service().ask('getWriter', { key: 'verify', params });
    expect(shown).toMatchObject({
      ...{ id: outcome.writerId, externalRef: '4711 / Ä', name: 'Ada Example', state: 'ready' },
      ...{ createdAt: AT.toISOString(), expiresAt: '2027-01-01T00:00:00.000Z', staleFrom: '2027-01-01T00:00:00.000Z' },
    });
    expect(shown.references.map(({ capturedAt }) => capturedAt)).toEqual(
      expect.arrayContaining([
        '2026-01-31T00:00:00.000Z',
        null,
        '2026-02-01T00:00:00.000Z',
        '2026-02-01T00:00:00.000Z',
      ]),
    );

    const file = await service().fetch('referenceImage', {
      ...{ key: 'review', params: { ...params, reference: outcome.references[0]!.id } },
    });
    expect(file.headers.get('content-type')).toBe('image/png');
    expect(file.headers.get('cache-control')).toBe('no-store');
    expect(Buffer.from(await file.arrayBuffer()).equals(a!)).toBe(true);
    const { items } = await service().ask('listAudit', { query: { limit: 1 } });
    expect(items[0]).toMatchObject({
      ...{ action: 'reference.image.read', actor: 'review', imageHashes: [sha256(a!)] },
      subjectIds: [outcome.writerId, outcome.references[0]!.id],
    });
  });

  it('are refused whole, with the reason', async () => {
    const [a, b] = await enrolled([1, 2]);
    const enrol = (body: object) => ({ key: 'enrol', body });
    await service().refused('enrolWriter', enrol({ writer: '4711 / Ä' }), 'WRITER_EXISTS');
    const twice = asJson([a!, b!, a!]);
    const { detail } = await service().refused(
      'enrolWriter',
      enrol({ writer: 'none', references: twice }),
      'REFERENCE_DUPLICATE',
    );
    expect(detail).toContain('image 3 is the same file as image 1');
    const again = { params: { writer: '4711 / Ä' }, body: { references: asJson([a!]) } };
    await service().refused('addReferences', { key: 'enrol', ...again }, 'REFERENCE_DUPLICATE');
    const cut = { writer: 'none', references: asJson([a!.subarray(0, a!.length >> 1)]) };
    await service().refused('enrolWriter', enrol(cut), 'IMAGE_TRUNCATED');
    const noImage = { writer: 'none', references: asJson([Buffer.from('no image')]) };
    await service().refused('enrolWriter', enrol(noImage), 'IMAGE_UNDECODABLE');
    for (const body of [
      {},
      { writer: '' },
      { writer: 'a\nb' },
      { writer: 'a\0b' },
      { writer: 'x'.repeat(201) },
      { writer: 'none', nam: 'Ada' },
      { writer: 'none', expiresAt: 'soon' },
      { writer: 'none', references: [base64(a!)] },
      { writer: 'none', references: [{ image: '%%%' }] },
      { writer: 'none', references: Array.from({ length: 65 }, () => ({ image: 'AAAA' })) },
    ]) {
      await service().refused('enrolWriter', enrol(body), 'REQUEST_INVALID');
    }
    const form = new FormData();
    form.append('writer', 'none');
    for (const image of [a!, b!]) form.append('references', new Blob([image]));
    for (const day of ['2026-01-01', '2026-01-02', '2026-01-03']) form.append('capturedAt', day);
    await service().refused('enrolWriter', { key: 'enrol', body: form }, 'REQUEST_INVALID');
    await service().refused('getWriter', { params: { writer: 'none' } }, 'WRITER_NOT_FOUND');
    await service().refused('getWriter', { params: { writer: '\0' } }, 'REQUEST_INVALID');
  });

  it('have a reference that does not fit questioned, until a person has settled it', async () => {
    const params = { writer: 'doubted' };
    const images = [...(await enrolled([1, 2, 3])), await stranger()];
    const outcome = await service().ask('enrolWriter', {
      key: 'enrol',
      body: { ...params, references: asJson(images) },
    });
    expect(outcome.references.map(({ state }) => state)).toEqual(['enrolled', 'enrolled', 'enrolled', 'doubtful']);
    const { id, doubt } = outcome.references[3]!;
    expect(doubt!.reason).toContain("does not fit the writer's other references");

    const looked = await service().ask('writerConsistency', { key: 'verify', params });
    expect(looked.references).toHaveLength(4);
    expect(looked.references.find((reference) => reference.id === id)!.misfit).toMatchObject({ reason: doubt!.reason });
    const i = looked.references.findIndex((reference) => reference.id === id);
    const to = (row: number) => looked.distances[row]![i]!;
    expect(Math.min(...[0, 1, 2, 3].filter((row) => row !== i).map(to))).toBeGreaterThan(looked.spread!);
    expect(looked.distances[i]![i]).toBe(0);

    const listed = async (query: object) =>
      (await service().ask('listWriters', { key: 'review', query: { ...query } })).items.map(
        ({ externalRef }) => externalRef,
      );
    expect(await listed({ doubtful: true })).toEqual(['doubted']);
    expect(await listed({ doubtful: false })).toEqual(['4711 / Ä', 'doubted']);
    expect(await listed({ search: 'DOU' })).toEqual(['doubted']);
    expect(await listed({ search: 'ada', state: 'ready' })).toEqual(['4711 / Ä']);
    const settle = { key: 'enrol', params: { ...params, reference: id } };
    expect(await service().ask('confirmReference', settle)).toMatchObject({ referenceId: id, state: 'ready' });
    await service().refused('confirmReference', settle, 'REFERENCE_STATE');
    expect(await service().ask('retireReference', settle)).toMatchObject({ reason: '3 references.' });
    const { references } = await service().ask('getWriter', { params });
    expect(references.find((reference) => reference.id === id)).toMatchObject({
      ...{ state: 'retired', confirmedBy: 'enrol', retiredAt: AT.toISOString() },
    });
    const strange = { ...params, reference: '00000000-0000-4000-8000-000000000000' };
    await service().refused('retireReference', { params: strange }, 'REFERENCE_NOT_FOUND');
    await service().refused('retireReference', { params: { ...params, reference: '1' } }, 'REQUEST_INVALID');
  });

  it('expire, by the clock', async () => {
    const params = { writer: 'doubted' };
    const changed = await service().ask('changeWriter', { key: 'enrol', params, body: { expiresAt: '2026-04-01' } });
    expect(changed).toMatchObject({ state: 'ready', staleFrom: '2026-04-01T00:00:00.000Z' });
    service().now = new Date(AT.getTime() + 3 * DAY_MS);
    expect(await service().ask('getWriter', { params })).toMatchObject({ state: 'stale' });
    const never = await service().ask('changeWriter', { params, body: { expiresAt: null } });
    expect(never.state).toBe('ready');
    service().now = AT;
    await service().refused('changeWriter', { params, body: {} }, 'REQUEST_INVALID');
  });

  it('follow the settings of enrolment', async () => {
    const settings = await service().ask('getEnrolmentSettings', { key: 'enrol' });
    expect(settings).toEqual({ minimumReferences: 3, ageingDays: 1825, sealEmbeddings: false });
    const changed = await service().ask('changeEnrolmentSettings', { body: { minimumReferences: 4 } });
    expect(changed).toEqual({
      embeddingsChanged: 0,
      compactionDue: false,
      settings: { ...settings, minimumReferences: 4 },
      statesChanged: 1,
    });
    await service().ask('changeEnrolmentSettings', { body: { minimumReferences: 3 } });
    for (const body of [{}, { minimumReferences: 0 }, { minimumReference: 3 }, { sealEmbeddings: 'yes' }]) {
      await service().refused('changeEnrolmentSettings', { body }, 'REQUEST_INVALID');
    }
  });

  it('leave with everything that is theirs, and then for good', async () => {
    const params = { writer: 'doubted' };
    const [reference] = (await service().ask('getWriter', { params })).references;
    const everything = await service().ask('exportWriter', { params });
    expect(everything.writer.externalRef).toBe('doubted');
    expect(everything.references).toHaveLength(4);
    const exported = everything.references.find(({ id }) => id === reference!.id)!;
    const hash = createHash('sha256').update(Buffer.from(everything.images[exported.image]!, 'base64')).digest('hex');
    expect(hash).toBe(reference!.imageHash);
    expect(everything.auditLog.length).toBeGreaterThan(2);

    const report = await service().ask('eraseWriter', { params });
    expect(report.writers).toMatchObject([{ id: everything.writer.id, removed: { references: 4, embeddings: 4 } }]);
    expect(report.searched.files).toBeGreaterThan(0);
    await service().refused('getWriter', { params }, 'WRITER_NOT_FOUND');
    await service().refused('eraseWriter', { params }, 'WRITER_NOT_FOUND');
    const { items } = await service().ask('listAudit', { query: { subject: everything.writer.id, limit: 2 } });
    expect(items.map(({ action }) => action)).toEqual(['writer.erased', 'writer.exported']);
    expect(await service().ask('verifyAudit')).toMatchObject({ valid: true });
  });
});
