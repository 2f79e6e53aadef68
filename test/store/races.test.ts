/** Two processes on one server, each in the middle of what the other is about. */
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDecider } from '../../src/decide/decide.js';
import { identify } from '../../src/decide/identify.js';
import { type FileEmbedder, reembed } from '../../src/enrol/reembed.js';
import { policySchema } from '../../src/policy/document.js';
import { activeModel } from '../../src/store/active-model.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { changeEnrolmentSettings, type SettingsChange } from '../../src/store/change-settings.js';
import { compactStore, erasuresDue } from '../../src/store/compaction.js';
import type { Transaction } from '../../src/store/database.js';
import { createWriter } from '../../src/store/enrol.js';
import { eraseWriters } from '../../src/store/erase.js';
import { findWriter, lockWriter } from '../../src/store/find-writer.js';
import { beginImport, settledItems, settleItems } from '../../src/store/import-items.js';
import { activatePolicy, addPolicy } from '../../src/store/policies.js';
import type { ReviewCase } from '../../src/store/review-cases.js';
import { claimCase, decideCase } from '../../src/store/review-queue.js';
import { auditLog, decisions, embeddings, jobs, mandateDecisions } from '../../src/store/schema.js';
import { openStore, type Store } from '../../src/store/store.js';
import { type Backend, environment, startServer } from './backends.js';
import { CALIBRATED, madeUpEmbedder, signedAt } from './made-up-embedder.js';
import { newReference } from './new-reference.js';

const AT = new Date('2026-03-29T01:59:59.123Z');
const by = { at: AT, actor: 'ada' };
const MODEL = { ...CALIBRATED, dimension: 4 };

let backend: Backend;
let store: Store;
beforeAll(async () => {
  backend = await startServer();
}, 300_000);
beforeEach(async () => {
  await store?.close();
  store = await openStore(await backend.createStore(), environment());
}, 300_000);
afterAll(async () => {
  await store?.close();
  await backend?.stop();
}, 300_000);

const writer = (externalRef: string) => ({ externalRef, name: null, expiresAt: null });
const enrol = (tx: Transaction, externalRef: string) =>
  createWriter(
    tx,
    store.keys,
    writer(externalRef),
    [0, 10, 20].map((degrees) => newReference(degrees)),
    MODEL,
    by,
  );
/** @returns once other transactions wait for what this one holds */
async function untilOthersWait(tx: Transaction, number = 1): Promise<void> {
  while ((await tx.execute(sql`SELECT 1 FROM pg_locks WHERE NOT granted`)).rows.length < number);
}
/** A model that is given the store's references as well. */
const newModel = (onBatch = async () => {}): FileEmbedder => ({
  ...{ modelId: 'model-2', dimension: 4 },
  async embedFiles(sources) {
    await onBatch();
    return sources.map((_, i) => newReference(i));
  },
});
const move = (model = newModel()) => reembed(store, model, { actor: 'ada', clock: () => AT });

describe('two processes on one server', () => {
  it('import the same new writer: the second adds to the first', async () => {
    await store.database.transaction((tx) => enrol(tx, 'before')); // so that a model is active
    const item = { ...writer('4711'), source: 'a.png', capturedAt: null };
    const importId = await beginImport(store, 'folder', [item, { ...item, source: 'b.png' }], by);
    const same = newReference(0);
    const prepared = [same, newReference(5)].map((reference, i) => ({ position: i + 1, reference }));
    let importing: Promise<void> | undefined;
    await store.database.transaction(async (tx) => {
      await createWriter(tx, store.keys, writer('4711'), [same], MODEL, by);
      importing = settleItems(store, importId, item, prepared, MODEL, by);
      await untilOthersWait(tx);
    });
    await importing;
    const items = await settledItems(store.database.orm, importId);
    expect(items.map(({ state, code }) => [state, code])).toEqual([
      ['refused', 'REFERENCE_DUPLICATE'],
      ['enrolled', null],
    ]);
    expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });
  });

  it('move the store to one model together, and neither to another', async () => {
    await store.database.transaction((tx) => enrol(tx, '4711'));
    const moves = await Promise.allSettled([move(), move(), move({ ...newModel(), modelId: 'model-3' })]);
    const { id } = (await activeModel(store.database.orm))!;
    expect(['model-2', 'model-3']).toContain(id);
    for (const result of moves) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'REEMBEDDING_CONFLICT' });
      else expect(result.value.modelId).toMatch(/^model-[23]$/);
    }
    const { orm } = store.database;
    const moved = await orm.select().from(jobs).where(eq(jobs.kind, 'reembed'));
    const activated = await orm.select().from(auditLog).where(eq(auditLog.action, 'model.activated'));
    expect(activated).toHaveLength(1 + moved.length); // the first enrolment, and each move once
    expect(moved.every(({ state }) => state === 'done')).toBe(true);
  });

  it('take the last two cases of a document, and it is decided anew', async () => {
    for (const name of ['A', 'B']) await store.database.transaction((tx) => enrol(tx, name));
    const document = policySchema.parse({
      ...{ schema: 'countersign/policy@1', name: 'both', title: 'Both', bands: [{ review: 'always' }] },
      mandate: { rule: { allOf: [{ signer: 'A' }, { signer: 'B' }] } },
    });
    await activatePolicy(store, await addPolicy(store, document, by), CALIBRATED, AT, by);
    const signatures = ['A', 'B'].map((name) => ({ writer: name, image: signedAt(5) }));
    const decider = createDecider(store, madeUpEmbedder(CALIBRATED));
    const decided = await decider.decide({ signatures, policy: 'both' }, by);
    const until = new Date(AT.getTime() + 1000);
    for (const { caseId } of decided.signatures) await claimCase(store, caseId!, until, by);
    let verdicts: Promise<ReviewCase[]> | undefined;
    await store.database.transaction(async (tx) => {
      await tx.select().from(mandateDecisions).for('update');
      const said = { verdict: 'genuine', reason: 'looked' } as const;
      verdicts = Promise.all(decided.signatures.map(({ caseId }) => decideCase(store, caseId!, said, by)));
      await untilOthersWait(tx, 2);
    });
    expect((await verdicts!).map((one) => one.document!.reviewed?.decision).sort()).toEqual(['accept', undefined]);
  });

  it('decide nothing by a model whose embeddings go meanwhile', async () => {
    await store.database.transaction((tx) => enrol(tx, '4711'));
    const decider = createDecider(store, madeUpEmbedder(CALIBRATED));
    let deciding: Promise<unknown> | undefined;
    await store.database.transaction(async (tx) => {
      await lockWriter(tx, '4711', AT);
      deciding = decider.decide({ signatures: [{ writer: '4711', image: signedAt(5) }] }, by);
      deciding.catch(() => undefined);
      await untilOthersWait(tx); // it has found the old model active
      await move();
    });
    await expect(deciding).rejects.toMatchObject({ code: 'MODEL_NOT_ACTIVE' });
    expect(await store.database.orm.select().from(decisions)).toEqual([]);
  });

  it('name nobody by a model whose embeddings go meanwhile', async () => {
    await store.database.transaction((tx) => enrol(tx, '4711'));
    const old = madeUpEmbedder(CALIBRATED);
    const embedder = {
      ...old,
      embedFiles: async (sources: Parameters<typeof old.embedFiles>[0]) => {
        await move(); // between the look for the active model and that for its embeddings
        return old.embedFiles(sources);
      },
    };
    const before = await store.database.orm.$count(auditLog);
    await expect(identify(store, embedder, signedAt(5), { limit: 5 }, by)).rejects.toMatchObject({
      code: 'MODEL_NOT_ACTIVE',
    });
    const rows = await store.database.orm.select().from(auditLog);
    expect(rows.slice(before).map(({ action }) => action)).toEqual(['reembedding.begun', 'model.activated']);
  });

  it('change the settings of enrolment while one enrols: the new writer follows them', async () => {
    let changing: Promise<SettingsChange> | undefined;
    await store.database.transaction(async (tx) => {
      expect(await enrol(tx, '4711')).toMatchObject({ state: 'ready' });
      changing = changeEnrolmentSettings(store, { minimumReferences: 4, sealEmbeddings: true }, by);
      await untilOthersWait(tx);
    });
    expect(await changing).toMatchObject({ statesChanged: 1, embeddingsChanged: 3 });
    const { orm } = store.database;
    expect(await findWriter(orm, '4711', AT)).toMatchObject({ state: 'enrolling' });
    expect((await orm.select().from(embeddings)).map(({ sealed }) => sealed)).toEqual([true, true, true]);
  });

  it('enrol while the settings of enrolment change: the new writer follows them', async () => {
    await store.database.transaction((tx) => enrol(tx, 'before')); // so that a model is active
    let enrolling: Promise<unknown> | undefined;
    const held: Store['database'] = {
      ...store.database,
      transaction: (work) =>
        store.database.transaction(async (tx) => {
          const result = await work(tx); // changed, and not committed yet
          enrolling ??= store.database.transaction((other) => enrol(other, '4711'));
          await untilOthersWait(tx);
          return result;
        }),
    };
    await changeEnrolmentSettings({ ...store, database: held }, { minimumReferences: 4 }, by);
    expect(await enrolling).toMatchObject({ state: 'enrolling' });
  });

  it('rewrite tables while another erases: that erasure still waits for the next time', async () => {
    for (const name of ['A', 'B']) await store.database.transaction((tx) => enrol(tx, name));
    await eraseWriters(store, ['A'], by);
    const compact = store.database.compact;
    const meanwhile = {
      ...store.database,
      async compact() {
        await compact();
        await eraseWriters(store, ['B'], by); // too late for what was just rewritten
      },
    };
    expect(await compactStore({ ...store, database: meanwhile }, by)).toMatchObject({ erasures: 1 });
    expect((await erasuresDue(store.database.orm)).map(({ seq }) => seq)).toEqual([5]);
    expect(await compactStore(store, by)).toMatchObject({ erasures: 1 });
    expect(await erasuresDue(store.database.orm)).toEqual([]);
  });

  it('erase a writer and enrol the number anew: that one is another', async () => {
    await store.database.transaction((tx) => enrol(tx, '4711'));
    let isNew = true;
    const meanwhile: Store['database'] = {
      ...store.database,
      async transaction(work) {
        const result = await store.database.transaction(work);
        if (isNew) await store.database.transaction((tx) => enrol(tx, '4711'));
        isNew = false;
        return result;
      },
    };
    const { shared } = await eraseWriters({ ...store, database: meanwhile }, ['4711'], by);
    expect(shared).toContain('the number of the writer (writers)');
  });
});
