/** Whose signature it is, by the index and without it, on every database. */
import path from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { identify } from '../../src/decide/identify.js';
import { backup } from '../../src/store/backup.js';
import { candidateWriters, prepareCandidates } from '../../src/store/candidates.js';
import { changeEnrolmentSettings } from '../../src/store/change-settings.js';
import { retireReference } from '../../src/store/change-writer.js';
import { checkStore } from '../../src/store/check.js';
import { createWriter } from '../../src/store/enrol.js';
import { loadKeys } from '../../src/store/key-file.js';
import { restore } from '../../src/store/restore.js';
import { auditLog, writers } from '../../src/store/schema.js';
import { openStore, type Store } from '../../src/store/store.js';
import { temporaryFolder } from '../temporary-folder.js';
import { BACKENDS_WITH_VECTORS, type Backend, environment } from './backends.js';
import { blank, CALIBRATED, calibrated, madeUpEmbedder, signedAt } from './made-up-embedder.js';
import { newReference } from './new-reference.js';

const AT = new Date('2026-03-29T01:59:59.123Z');
const by = { at: AT, actor: 'ada' };
const model = { ...CALIBRATED, dimension: 4 };

describe.each(Object.entries(BACKENDS_WITH_VECTORS))('identification on %s', (_, start) => {
  let backend: Backend;
  let store: Store;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    backend = await start();
  }, 300_000);
  beforeEach(async () => {
    await store?.close();
    env = environment();
    store = await openStore(await backend.createStore(), env, { connections: backend.connections });
  }, 300_000);
  afterAll(async () => {
    await store?.close();
    await backend?.stop();
  }, 300_000);

  const enrol = (externalRef: string, degrees: readonly number[]) => {
    const references = degrees.map((angle) => newReference(angle));
    const writer = { externalRef, name: null, expiresAt: null };
    return store.database.transaction((tx) => createWriter(tx, store.keys, writer, references, model, by));
  };
  /** Writers at 0, 12, 24 .. degrees, with references 2 degrees to either side. */
  const enrolMany = async () => {
    for (let w = 0; w < 15; w++) await enrol(`w${w}`, [12 * w - 2, 12 * w, 12 * w + 2]);
  };
  const whose = async (degrees: number, limit = 3) => {
    const found = await identify(store, madeUpEmbedder(CALIBRATED), signedAt(degrees), { limit }, by);
    return found.candidates.map(({ writer }) => writer);
  };

  it('names the nearest writers, ranked as a decision compares them, and puts the search on record', async () => {
    await enrolMany();
    const found = await identify(store, madeUpEmbedder(CALIBRATED), signedAt(37), { limit: 3 }, by);
    expect(found).toMatchObject({ problem: null, modelId: 'model-1' });
    expect(found.candidates.map(({ writer }) => writer)).toEqual(['w3', 'w4', 'w2']);
    const chord = (degrees: number) => 2 * Math.sin((degrees * Math.PI) / 360);
    const spread = (chord(2) + chord(2) + chord(4)) / 6;
    expect(found.candidates[1]!.distance).toBeCloseTo((chord(9) + chord(11) + chord(13)) / 3 - spread, 6);
    expect(found.candidates[0]).toMatchObject({ referenceCount: 3, withinThreshold: true });
    const log = await store.database.orm.select().from(auditLog);
    expect(log.at(-1)).toMatchObject({ action: 'signature.identified', actor: 'ada', modelId: 'model-1' });
    expect(log.at(-1)!.subjectIds).toEqual(found.candidates.map(({ writerId }) => writerId));
    expect(JSON.stringify(log)).not.toContain('w3');
    expect((await checkStore(store)).problems).toEqual([]);
  });

  it('names by the index whom a look through all names', async () => {
    await enrolMany();
    for (const degrees of [1, 50, 101, 170]) {
      const named = async (exact: boolean) =>
        (await identify(store, madeUpEmbedder(CALIBRATED), signedAt(degrees), { limit: 5, exact }, by)).candidates;
      expect(await named(false)).toEqual(await named(true));
    }
  });

  it('compares by the index with those alone whose mean lies nearest', async () => {
    await enrolMany();
    const sought = async (exact: boolean) => {
      const found: string[] = [];
      const options = { model: { id: model.id, dimension: 4 }, count: 3, at: AT, exact };
      await prepareCandidates(store, options);
      for await (const batch of candidateWriters(store, newReference(49).embedding, options)) {
        found.push(...batch.map(({ writer }) => writer));
      }
      return found.sort();
    };
    const all = Array.from({ length: 15 }, (_, w) => `w${w}`).sort();
    expect(await sought(true)).toEqual(all);
    expect(await sought(false)).toEqual(backend.hasVectors ? ['w3', 'w4', 'w5'] : all);
  });

  it('knows only writers who are ready, and follows who comes, goes, and changes', async () => {
    await enrolMany();
    expect(await whose(37, 1)).toEqual(['w3']);
    await enrol('enrolling', [36, 38]);
    const { references } = await enrol('later', [35, 37, 40]);
    expect(await whose(37, 2)).toEqual(['later', 'w3']);
    await retireReference(store, 'later', references[0]!.id, by);
    expect(await whose(37, 1)).toEqual(['w3']);
    await store.database.orm.delete(writers).where(eq(writers.externalRef, 'w3'));
    expect(await whose(37, 1)).toEqual(['w4']);
    if (backend.hasVectors) {
      const { rows } = await store.database.orm.execute<{ n: number }>(
        sql`SELECT count(*)::int AS n FROM writer_vectors WHERE vector IS NOT NULL`,
      );
      expect(rows[0]!.n).toBe(14 + 2);
    }
  });

  it('finds sealed embeddings too, and keeps them out of the index', async () => {
    const vectors = async () => {
      if (!backend.hasVectors) return 0;
      const { rows } = await store.database.orm.execute<{ n: number }>(
        sql`SELECT count(vector)::int AS n FROM writer_vectors`,
      );
      return rows[0]!.n;
    };
    await enrolMany();
    expect(await whose(37, 2)).toEqual(['w3', 'w4']);
    expect(await vectors()).toBe(backend.hasVectors ? 15 : 0);
    await changeEnrolmentSettings(store, { sealEmbeddings: true }, by);
    expect(await vectors()).toBe(0);
    await enrol('sealed', [35, 37, 39]);
    expect(await whose(37, 2)).toEqual(['sealed', 'w3']);
    expect(await vectors()).toBe(0);
    await changeEnrolmentSettings(store, { sealEmbeddings: false }, by);
    expect(await whose(37, 2)).toEqual(['sealed', 'w3']);
    expect(await vectors()).toBe(backend.hasVectors ? 16 : 0);
  });

  it('says so where the image shows nothing, nobody is enrolled, or the model is another', async () => {
    const embedder = madeUpEmbedder(CALIBRATED);
    expect(await whose(10)).toEqual([]);
    await enrolMany();
    const found = await identify(store, embedder, blank(), { limit: 3 }, by);
    expect(found).toMatchObject({ candidates: [], problem: { code: 'IMAGE_BLANK' } });
    const other = identify(store, madeUpEmbedder(calibrated('model-2')), signedAt(1), { limit: 3 }, by);
    await expect(other).rejects.toMatchObject({ code: 'MODEL_NOT_ACTIVE' });
  });

  it('makes the index anew in a store that a backup was brought back into', async () => {
    await enrolMany();
    expect(await whose(37, 1)).toEqual(['w3']);
    const file = path.join(await temporaryFolder(), 'backup.gz');
    await backup(store.database, file, AT);
    await store.close();
    const location = await backend.createStore();
    await openStore(location, env, { connections: backend.connections }).then((empty) => empty.close());
    await restore(location, file, loadKeys('', env)!);
    store = await openStore(location, env, { connections: backend.connections });
    expect(await whose(37, 2)).toEqual(['w3', 'w4']);
  });

  it('makes the index anew for another model', async () => {
    await enrolMany();
    await whose(37);
    const { orm } = store.database;
    await orm.execute(sql`INSERT INTO models VALUES ('model-2', 4, false, now())`);
    await orm.execute(
      sql`INSERT INTO embeddings SELECT reference_id, 'model-2', vector, sealed, created_at FROM embeddings`,
    );
    await orm.execute(sql`UPDATE models SET active = false`);
    await orm.execute(sql`UPDATE models SET active = true WHERE id = 'model-2'`);
    const found = await identify(store, madeUpEmbedder(calibrated('model-2')), signedAt(37), { limit: 1 }, by);
    expect(found.candidates.map(({ writer }) => writer)).toEqual(['w3']);
  });
});
