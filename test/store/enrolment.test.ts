/** Who comes into a store and in what state they are, on every database it runs on. */
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { changeEnrolmentSettings } from '../../src/store/change-settings.js';
import { changeExpiry, confirmReference, retireReference } from '../../src/store/change-writer.js';
import { checkStore } from '../../src/store/check.js';
import { openEmbedding } from '../../src/store/embedding-bytes.js';
import { addReferences, createWriter, type NewReference, type NewWriter } from '../../src/store/enrol.js';
import { findWriter } from '../../src/store/find-writer.js';
import { listWriters, showWriter } from '../../src/store/list-writers.js';
import { referenceEmbeddings } from '../../src/store/reference-embeddings.js';
import { auditLog, embeddings, models, referenceSignatures, writers } from '../../src/store/schema.js';
import { embeddingsToFollow } from '../../src/store/seal-embeddings.js';
import { referenceImageRow } from '../../src/store/sealed-columns.js';
import { searchFolder } from '../../src/store/search.js';
import { readEnrolmentSettings } from '../../src/store/settings.js';
import type { Store } from '../../src/store/store.js';
import { BACKENDS_WITH_VECTORS } from './backends.js';
import { onFreshStore } from './fresh-store.js';
import { MODEL, newReference } from './new-reference.js';

const AT = new Date('2026-03-29T01:59:59.123Z');
const by = { at: AT, actor: 'ada' };
const later = (days: number) => new Date(AT.getTime() + days * 86_400_000);

describe.each(Object.entries(BACKENDS_WITH_VECTORS))('enrolment on %s', (_, start) => {
  let store: Store;
  onFreshStore(start, (opened) => {
    store = opened;
  });

  const enrol = (externalRef: string, references: NewReference[], more: Partial<NewWriter> = {}, model = MODEL) =>
    store.database.transaction((tx) =>
      createWriter(tx, store.keys, { externalRef, name: null, expiresAt: null, ...more }, references, model, by),
    );
  const add = (externalRef: string, references: NewReference[], model = MODEL) =>
    store.database.transaction((tx) => addReferences(tx, store.keys, externalRef, references, model, by));
  const counts = async () => {
    const { rows } = await store.database.orm.execute<{ n: number }>(sql`
      SELECT (SELECT count(*) FROM writers)::int * 10000 + (SELECT count(*) FROM reference_signatures)::int * 100
        + (SELECT count(*) FROM embeddings)::int + (SELECT count(*) FROM audit_log)::int * 1000000 AS n`);
    return rows[0]!.n;
  };

  it('puts in a writer whole: sealed images, embeddings, state, audit row', async () => {
    const references = [newReference(0), newReference(10), newReference(20)];
    const outcome = await enrol('N-4711', references, { name: 'Zoë O’Hara', expiresAt: later(365) });
    expect(outcome).toMatchObject({ state: 'ready', staleFrom: later(365) });
    const { orm } = store.database;
    const found = await referenceEmbeddings(orm, store.keys, outcome.writerId, MODEL.id);
    expect(found.map(({ embedding }) => embedding)).toEqual(
      expect.arrayContaining(references.map(({ embedding }) => embedding)),
    );
    for (const [i, { id }] of outcome.references.entries()) {
      const [row] = await orm.select().from(referenceSignatures).where(eq(referenceSignatures.id, id));
      expect(store.keys.open(row!.image, referenceImageRow(id)).equals(references[i]!.image)).toBe(true);
      expect(row).toMatchObject({ state: 'enrolled', doubt: null, quality: references[i]!.quality });
    }
    const log = await orm.select().from(auditLog);
    expect(log.map(({ action }) => action)).toEqual(['model.activated', 'writer.enrolled']);
    expect(log[1]).toMatchObject({ actor: 'ada', modelId: MODEL.id, result: 'ready' });
    expect(log[1]!.subjectIds).toEqual([outcome.writerId, ...outcome.references.map(({ id }) => id)]);
    expect(JSON.stringify(log)).not.toMatch(/N-4711|O’Hara/);
    expect(await verifyAuditLog(store.database, store.keys)).toEqual({ valid: true, rows: 2 });
    expect((await checkStore(store)).problems).toEqual([]);
  });

  it('questions a reference that does not fit, and counts it once a person has confirmed it', async () => {
    const { references, state } = await enrol('A', [newReference(0), newReference(10), newReference(120)]);
    expect([state, ...references.map((reference) => reference.state)]).toEqual([
      ...['enrolling', 'enrolled', 'enrolled', 'doubtful'],
    ]);
    const { id, doubt } = references[2]!;
    expect(Object.keys(doubt!.distances).sort()).toEqual([references[0]!.id, references[1]!.id].sort());
    const { orm } = store.database;
    const writer = await findWriter(orm, 'A', AT);
    expect(await referenceEmbeddings(orm, store.keys, writer.id, MODEL.id)).toHaveLength(2);
    expect(await listWriters(orm, { at: AT, doubtful: true, limit: 9 })).toMatchObject({
      nextCursor: null,
      items: [{ externalRef: 'A', references: { enrolled: 2, doubtful: 1, retired: 0 } }],
    });
    await expect(confirmReference(store, 'A', references[0]!.id, by)).rejects.toMatchObject({
      code: 'REFERENCE_STATE',
    });
    expect(await confirmReference(store, 'A', id.slice(0, 13), by)).toMatchObject({ referenceId: id, state: 'ready' });
    const shown = await showWriter(orm, 'A', AT);
    expect(shown.references.find((reference) => reference.id === id)).toMatchObject({
      ...{ state: 'enrolled', doubt, confirmedAt: AT, confirmedBy: 'ada' },
    });
  });

  it('retires a reference, and takes the same picture again only then', async () => {
    const first = newReference(0);
    const { references } = await enrol('A', [first, newReference(10), newReference(20)]);
    await expect(add('A', [first])).rejects.toMatchObject({ code: 'REFERENCE_DUPLICATE' });
    expect(await retireReference(store, 'A', references[0]!.id, by)).toMatchObject({ state: 'enrolling' });
    for (const change of [confirmReference, retireReference]) {
      await expect(change(store, 'A', references[0]!.id, by)).rejects.toMatchObject({ code: 'REFERENCE_STATE' });
    }
    for (const unknown of ['', 'zz', '00000000-0000-0000-0000-000000000000']) {
      await expect(retireReference(store, 'A', unknown, by)).rejects.toMatchObject({ code: 'REFERENCE_NOT_FOUND' });
    }
    expect(await add('A', [first])).toMatchObject({ state: 'ready' });
  });

  it('refuses whole what it refuses', async () => {
    await enrol('A', [newReference(0)]);
    const before = await counts();
    const copy = newReference(5);
    const encodedAnew = { ...newReference(5), pixelHash: copy.pixelHash };
    const other = { ...MODEL, id: 'model-2' };
    for (const [attempt, code] of [
      [() => enrol('A', [newReference(1)]), 'WRITER_EXISTS'],
      [() => enrol('B', [newReference(1), copy, copy]), 'REFERENCE_DUPLICATE'],
      [() => enrol('B', [copy, encodedAnew]), 'REFERENCE_DUPLICATE'],
      [() => add('B', [newReference(1)]), 'WRITER_NOT_FOUND'],
      [() => enrol('B', [newReference(1)], {}, other), 'MODEL_NOT_ACTIVE'],
      [() => add('A', [newReference(1)], other), 'MODEL_NOT_ACTIVE'],
      [() => enrol(' ', [newReference(1)]), 'INVALID_ARGUMENT'],
      [() => enrol('1'.repeat(201), [newReference(1)]), 'INVALID_ARGUMENT'],
      [() => enrol('B', [newReference(1)], { name: 'Ada\nExample' }), 'INVALID_ARGUMENT'],
      [() => enrol('B', [newReference(1, { capturedAt: later(2) })]), 'INVALID_ARGUMENT'],
    ] as const) {
      await expect(attempt()).rejects.toMatchObject({ code });
      expect(await counts()).toBe(before);
    }
    await enrol('B', [copy]);
    expect(await add('A', [copy])).toMatchObject({ state: 'enrolling' }); // another writer's is no copy
  });

  it('lets one of those who create a writer at once win', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 5 }, (_, i) => enrol('A', [newReference(i)])));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ code: 'WRITER_EXISTS' });
    }
    await Promise.all(Array.from({ length: 5 }, (_, i) => add('A', [newReference(10 + i)])));
    expect(await store.database.orm.select().from(embeddings)).toHaveLength(6);
    expect(await verifyAuditLog(store.database, store.keys)).toEqual({ valid: true, rows: 7 });
  });

  it('lets writers grow stale by the clock, and says so without writing', async () => {
    const { orm } = store.database;
    await enrol(
      'aged',
      [0, 1, 2].map((i) => newReference(i, { capturedAt: later(-1800) })),
    );
    await enrol(
      'expires',
      [0, 1, 2].map((i) => newReference(i)),
      { expiresAt: later(3) },
    );
    await enrol('few', [newReference(0)]);
    const states = async (at: Date) =>
      Object.fromEntries((await listWriters(orm, { at, limit: 9 })).items.map((w) => [w.externalRef, w.state]));
    expect(await states(AT)).toEqual({ aged: 'ready', expires: 'ready', few: 'enrolling' });
    expect(await states(later(3))).toEqual({ aged: 'ready', expires: 'stale', few: 'enrolling' });
    expect(await states(later(25))).toEqual({ aged: 'stale', expires: 'stale', few: 'enrolling' });
    for (const [state, expected] of [
      ['ready', ['aged']],
      ['stale', ['expires']],
      ['enrolling', ['few']],
    ] as const) {
      const { items: listed } = await listWriters(orm, { at: later(3), state, limit: 9 });
      expect(listed.map(({ externalRef }) => externalRef)).toEqual(expected);
    }
    expect(await showWriter(orm, 'expires', later(3))).toMatchObject({
      state: 'stale',
      reason: 'Expired on 2026-04-01.',
    });
    expect(await changeExpiry(store, 'expires', null, { ...by, at: later(3) })).toMatchObject({ state: 'ready' });
    expect(await states(later(3))).toMatchObject({ expires: 'ready' });
  });

  it('follows the settings, and seals embeddings where they say so', async () => {
    const { orm } = store.database;
    expect(await readEnrolmentSettings(orm)).toMatchObject({ minimumReferences: 3, sealEmbeddings: false });
    const first = newReference(0);
    await enrol('A', [first]);
    const changed = await changeEnrolmentSettings(store, { minimumReferences: 1, sealEmbeddings: true }, by);
    expect(changed).toMatchObject({ statesChanged: 1, settings: { minimumReferences: 1, ageingDays: 1825 } });
    const { id, state } = await findWriter(orm, 'A', AT);
    expect(state).toBe('ready');
    const reference = newReference(3);
    const { writerId } = await enrol('B', [reference]);
    const areSealed = async () => (await orm.select().from(embeddings)).map(({ sealed }) => sealed);
    expect(await areSealed()).toEqual([true, true]);
    const embeddingOf = async (writer: string) =>
      (await referenceEmbeddings(orm, store.keys, writer, MODEL.id))[0]!.embedding;
    expect([await embeddingOf(id), await embeddingOf(writerId)]).toEqual([first.embedding, reference.embedding]);
    expect((await checkStore(store)).problems).toEqual([]);
    const opened = await changeEnrolmentSettings(store, { sealEmbeddings: false }, by);
    expect(opened).toMatchObject({ embeddingsChanged: 2, compactionDue: false });
    expect(await areSealed()).toEqual([false, false]);
    expect([await embeddingOf(id), await embeddingOf(writerId)]).toEqual([first.embedding, reference.embedding]);
  });

  it('seals embeddings that are there, also where that was interrupted, and leaves none open in the files', async () => {
    const { database } = store;
    const { orm } = database;
    for (let w = 0; w < 41; w++)
      await enrol(
        `w${w}`,
        [0, 1, 2, 3, 4].map((i) => newReference(5 * w + i + 0.5)),
      );
    const open = await orm.select().from(embeddings);
    const stopped = changeEnrolmentSettings(store, { sealEmbeddings: true }, by, () => {
      throw new Error('stopped');
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(await embeddingsToFollow(orm)).toBe(5);
    const inFolder = database.location.kind === 'folder';
    const resumed = await changeEnrolmentSettings(store, { sealEmbeddings: true }, by);
    expect(resumed).toMatchObject({ embeddingsChanged: 5, compactionDue: !inFolder });
    expect(await embeddingsToFollow(orm)).toBe(0);
    const rows = await orm.select().from(embeddings);
    const vectorOf = new Map(rows.map((row) => [row.referenceId, openEmbedding(store.keys, row)]));
    for (const { referenceId, vector } of open) {
      expect(Buffer.from(vectorOf.get(referenceId)!).equals(Buffer.from(vector))).toBe(true);
    }
    expect((await checkStore(store)).problems).toEqual([]);
    const log = await orm.select().from(auditLog);
    expect(log.map(({ action }) => action)).toContain('embeddings.sealed');
    if (database.location.kind !== 'folder') return;
    const needles = open.map(({ vector }) => ({ what: 'an embedding', bytes: Buffer.from(vector), isText: false }));
    expect((await searchFolder(database.location.folder, needles)).hits).toEqual([]);
  });

  it('finds what a writer is compared with by indices alone', async () => {
    const { writerId } = await enrol(
      'A',
      [0, 1, 2, 3, 4].map((i) => newReference(i)),
    );
    const plan = await store.database.transaction(async (tx) => {
      await tx.execute(sql`SET LOCAL enable_seqscan = off`);
      const { rows } = await tx.execute<{ 'QUERY PLAN': string }>(sql`
        EXPLAIN SELECT r.id, e.vector FROM reference_signatures r
        JOIN embeddings e ON e.reference_id = r.id AND e.model_id = ${MODEL.id}
        WHERE r.writer_id = ${writerId} AND r.state = 'enrolled'`);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).not.toContain('Seq Scan');
    expect(await store.database.orm.select().from(models)).toMatchObject([
      { id: MODEL.id, active: true, dimension: 4 },
    ]);
    expect(await store.database.orm.select().from(writers)).toHaveLength(1);
  });
});
