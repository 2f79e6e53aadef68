/** A store moves to a new model without a gap, however often that is interrupted, on every database it runs on. */
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { CountersignError } from '../../src/core/errors.js';
import { sha256 } from '../../src/data/content-hash.js';
import { abandonReembed, type FileEmbedder, type ReembedOptions, reembed } from '../../src/enrol/reembed.js';
import { activeModel } from '../../src/store/active-model.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { checkStore } from '../../src/store/check.js';
import { addReferences, createWriter } from '../../src/store/enrol.js';
import { findWriter } from '../../src/store/find-writer.js';
import { openJob } from '../../src/store/reembedding.js';
import { referenceEmbeddings } from '../../src/store/reference-embeddings.js';
import { auditLog, embeddings, jobs } from '../../src/store/schema.js';
import type { Store } from '../../src/store/store.js';
import { BACKENDS_WITH_VECTORS } from './backends.js';
import { onFreshStore } from './fresh-store.js';
import { MODEL, newReference } from './new-reference.js';

const AT = new Date('2026-03-29T01:59:59.123Z');
const by = { at: AT, actor: 'ada' };
const WRITERS = 25;
const EACH = 3;
const NEW: typeof MODEL = { ...MODEL, id: 'model-2', dimension: 6 };

/** Makes of an image's hash an embedding of six numbers. @param refused - hashes of images that show it no signature */
function embedder(refused: ReadonlySet<string> = new Set(), onBatch = async (_batch: number) => {}): FileEmbedder {
  let batch = 0;
  return {
    modelId: NEW.id,
    dimension: NEW.dimension,
    async embedFiles(sources) {
      await onBatch(batch++);
      return sources.map((source) => {
        const hash = sha256(source as Uint8Array);
        if (refused.has(hash)) return { error: new CountersignError('IMAGE_BLANK', 'No ink.') };
        return { embedding: embeddingOf(hash), quality: newReference(0).quality };
      });
    },
  };
}
const embeddingOf = (hash: string) =>
  Float32Array.from({ length: NEW.dimension }, (_, i) => Number.parseInt(hash.slice(2 * i, 2 * i + 2), 16) / 256);

describe.each(Object.entries(BACKENDS_WITH_VECTORS))('re-embedding on %s', (_, start) => {
  let store: Store;
  onFreshStore(start, async (opened) => {
    store = opened;
    for (let i = 0; i < WRITERS; i++) {
      await store.database.transaction((tx) =>
        createWriter(tx, store.keys, { externalRef: `${i}`, name: null, expiresAt: null }, references(), MODEL, by),
      );
    }
  });

  const references = () => Array.from({ length: EACH }, (_, i) => newReference(i));
  const run = (model: FileEmbedder, more: Partial<ReembedOptions> = {}) =>
    reembed(store, model, { actor: 'ada', clock: () => AT, ...more });
  const modelsOfEmbeddings = async () => {
    const rows = await store.database.orm.select({ id: embeddings.modelId }).from(embeddings);
    return Object.fromEntries([MODEL.id, NEW.id].map((id) => [id, rows.filter((row) => row.id === id).length]));
  };
  const fails = (batch: number) => async (current: number) => {
    if (current === batch) throw new Error('interrupted');
  };

  it('goes on where it was interrupted; the old model serves meanwhile, and what it enrols is not missed', async () => {
    const { orm } = store.database;
    await expect(run(embedder(new Set(), fails(1)))).rejects.toThrow('interrupted');
    expect(await activeModel(orm)).toMatchObject({ id: MODEL.id });
    expect(await openJob(orm)).toMatchObject({ modelId: NEW.id, phase: 'embedding' });
    expect(await modelsOfEmbeddings()).toEqual({ [MODEL.id]: WRITERS * EACH, [NEW.id]: 32 });
    const other = { ...embedder(), modelId: 'model-3' };
    await expect(run(other)).rejects.toMatchObject({ code: 'REEMBEDDING_CONFLICT' });
    const late = newReference(1);

    const progress: string[] = [];
    const enrolling = async (batch: number) => {
      if (batch !== 1) return;
      await store.database.transaction((tx) => addReferences(tx, store.keys, '0', [late], MODEL, by));
      const writer = await findWriter(orm, '0', AT);
      expect(await referenceEmbeddings(orm, store.keys, writer.id, MODEL.id)).toHaveLength(EACH + 1);
    };
    const result = await run(embedder(new Set(), enrolling), { onProgress: (d, t) => progress.push(`${d}/${t}`) });
    expect(result).toEqual({ modelId: NEW.id, references: WRITERS * EACH - 32 + 1, refused: [] });
    expect(progress).toEqual(['32/43', '43/43', '44/44']);
    expect(await activeModel(orm)).toEqual({ id: NEW.id, dimension: NEW.dimension });
    expect(await modelsOfEmbeddings()).toEqual({ [MODEL.id]: 0, [NEW.id]: WRITERS * EACH + 1 });
    const writer = await findWriter(orm, '0', AT);
    expect(writer.state).toBe('ready');
    const seen = await referenceEmbeddings(orm, store.keys, writer.id, NEW.id);
    expect(seen.map(({ embedding }) => [...embedding])).toContainEqual([...embeddingOf(late.imageHash)]);
    const enrolOld = store.database.transaction((tx) =>
      addReferences(tx, store.keys, '0', [newReference(2)], MODEL, by),
    );
    await expect(enrolOld).rejects.toMatchObject({ code: 'MODEL_NOT_ACTIVE' });
    expect(await openJob(orm)).toBeUndefined();
    expect(await run(embedder())).toEqual({ modelId: NEW.id, references: 0, refused: [] });
    const log = await orm.select().from(auditLog);
    expect(
      log.filter(({ action }) => /model|reembed/.test(action)).map(({ action, modelId }) => [action, modelId]),
    ).toEqual([
      ['model.activated', MODEL.id],
      ['reembedding.begun', NEW.id],
      ['model.activated', NEW.id],
    ]);
    expect((await verifyAuditLog(store.database, store.keys)).valid).toBe(true);
    expect((await checkStore(store)).problems).toEqual([]);
  });

  it('tells which references the new model refuses, and their writers are stale', async () => {
    const { orm } = store.database;
    const image = newReference(3);
    await store.database.transaction((tx) => {
      const writer = { externalRef: 'blank', name: null, expiresAt: null };
      return createWriter(tx, store.keys, writer, [image, ...references().slice(1)], MODEL, by);
    });
    const result = await run(embedder(new Set([image.imageHash])), { keep: true });
    expect(result.refused).toMatchObject([{ externalRef: 'blank', code: 'IMAGE_BLANK', reason: 'No ink.' }]);
    expect(await findWriter(orm, 'blank', AT)).toMatchObject({ state: 'stale' });
    expect(await findWriter(orm, '1', AT)).toMatchObject({ state: 'ready' });
    expect(await modelsOfEmbeddings()).toEqual({ [MODEL.id]: WRITERS * EACH + 3, [NEW.id]: WRITERS * EACH + 2 });
    const [job] = await orm.select().from(jobs).where(eq(jobs.kind, 'reembed'));
    expect(job).toMatchObject({ state: 'done', done: WRITERS * EACH + 3, total: WRITERS * EACH + 3 });
    // The next model sees all: nobody is stale for what one before had refused.
    await run({ ...embedder(), modelId: 'third' });
    expect(await findWriter(orm, 'blank', AT)).toMatchObject({ state: 'ready' });
  });

  it('can be given up, also while it runs', async () => {
    const { orm } = store.database;
    const abandoning = embedder(new Set(), async (batch) => {
      if (batch === 1) expect(await abandonReembed(store, AT, 'ada')).toBe(NEW.id);
    });
    await expect(run(abandoning)).rejects.toMatchObject({ code: 'REEMBEDDING_CONFLICT' });
    expect(await activeModel(orm)).toMatchObject({ id: MODEL.id });
    expect(await modelsOfEmbeddings()).toEqual({ [MODEL.id]: WRITERS * EACH, [NEW.id]: 0 });
    expect(await abandonReembed(store, AT, 'ada')).toBeUndefined();
    expect(await run(embedder())).toMatchObject({ modelId: NEW.id, references: WRITERS * EACH });
  });
});
