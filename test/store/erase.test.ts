/** Erasure and export of a writer, on every database a store runs on. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/data/content-hash.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { checkStore } from '../../src/store/check.js';
import { compactStore } from '../../src/store/compaction.js';
import { eraseWriters } from '../../src/store/erase.js';
import { exportWriter } from '../../src/store/export-writer.js';
import { auditLog, bulkItems, importItems, imports, referenceSignatures, writers } from '../../src/store/schema.js';
import { searchFolder } from '../../src/store/search.js';
import type { Store } from '../../src/store/store.js';
import { refreshVectorIndex } from '../../src/store/writer-vectors.js';
import { temporaryFolder } from '../temporary-folder.js';
import { BACKENDS_WITH_VECTORS } from './backends.js';
import { onFreshStore } from './fresh-store.js';
import { AT, addSample, DIMENSION, type Sample } from './sample-store.js';

const by = { at: AT, actor: 'dpo' };
const NAME = 'Ottilie Grünhäuser-Przybyłowicz';

describe.each(Object.entries(BACKENDS_WITH_VECTORS))('a writer on %s', (_, start) => {
  let store: Store;
  let kept: Sample;
  let gone: Sample;
  const refOf = ({ writerId }: Sample) => `ref ${writerId}`;
  onFreshStore(start, async (opened) => {
    store = opened;
    kept = await addSample(store);
    gone = await addSample(store, { sealEmbedding: true });
    await store.database.orm.update(writers).set({ name: NAME }).where(eq(writers.id, gone.writerId));
  });

  it('is erased: no table and no file holds a byte of it, and the chain is valid', async () => {
    const { orm } = store.database;
    const [image] = await orm
      .select({ sealed: referenceSignatures.image })
      .from(referenceSignatures)
      .where(eq(referenceSignatures.id, gone.referenceId));
    // What an import refused names the writer too, without referring to the row.
    const [{ id: importId }] = (await orm.select({ id: imports.id }).from(imports).limit(1)) as [{ id: string }];
    await orm.insert(importItems).values({
      ...{ importId, position: 2, source: 'b.png', externalRef: refOf(gone), name: NAME, state: 'refused' },
      ...{ code: 'IMAGE_BLANK', reason: 'No ink.', updatedAt: AT },
    });
    const report = await eraseWriters(store, [refOf(gone)], by, { compact: true });
    expect(report.writers).toEqual([
      {
        id: gone.writerId,
        removed: {
          ...{ references: 1, embeddings: 1, decisions: 1, cases: 1, importItems: 2, bulkItems: 1 },
          ...{ jobs: 1, answers: 1 },
        },
      },
    ]);
    expect(report).toMatchObject({ auditRows: 2, notSoughtInFiles: [] });
    expect(report.searched.needles).toBeGreaterThan(8);
    expect(report.searched.files === null).toBe(store.database.location.kind === 'server');
    expect(await verifyAuditLog(store.database, store.keys)).toEqual({ valid: true, rows: 4 });
    expect(await checkStore(store)).toMatchObject({ problems: [], compactionDue: 0 });
    expect((await orm.select().from(writers)).map(({ id }) => id)).toEqual([kept.writerId]);
    if (store.database.location.kind !== 'folder') return;
    // By another way than that of the erasure: the whole sealed image, the name as the database had it.
    for (const value of [Buffer.from(image!.sealed).subarray(0, 60), Buffer.from(NAME), Buffer.from(refOf(gone))]) {
      for (const file of readdirSync(store.database.location.folder, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const name = path.join(file.parentPath, file.name);
        expect(readFileSync(name).includes(value), name).toBe(false);
      }
    }
    const still = { what: 'the other', bytes: Buffer.from(refOf(kept)), isText: true };
    expect((await searchFolder(store.database.location.folder, [still])).hits.length).toBeGreaterThan(0);
  });

  it('is erased, or rather its number is, where an import or bulk work had noted one that nobody is enrolled under', async () => {
    const { orm } = store.database;
    const number = 'never enrolled 0815';
    const [{ id: importId }] = (await orm.select({ id: imports.id }).from(imports).limit(1)) as [{ id: string }];
    await orm.insert(importItems).values({
      ...{ importId, position: 2, source: 'b.png', externalRef: number, name: NAME, state: 'refused' },
      ...{ code: 'IMAGE_BLANK', reason: 'No ink.', updatedAt: AT },
    });
    const [{ jobId }] = (await orm.select({ jobId: bulkItems.jobId }).from(bulkItems).limit(1)) as [{ jobId: string }];
    await orm.insert(bulkItems).values({
      ...{ jobId, position: 99, externalRef: number, state: 'refused', updatedAt: AT },
      ...{ code: 'WRITER_NOT_FOUND', reason: 'There is no such writer.' },
    });
    const report = await eraseWriters(store, [number], by, { compact: true });
    expect(report.writers).toMatchObject([{ id: null, removed: { references: 0, importItems: 1, bulkItems: 1 } }]);
    expect(await orm.$count(importItems, eq(importItems.externalRef, number))).toBe(0);
    expect(await orm.$count(bulkItems, eq(bulkItems.externalRef, number))).toBe(0);
    expect(await orm.select().from(writers)).toHaveLength(2);
    expect((await orm.select().from(auditLog)).at(-1)).toMatchObject({ action: 'store.compacted' });
    expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });
    await expect(eraseWriters(store, [number], by)).rejects.toMatchObject({ code: 'WRITER_NOT_FOUND' });
  });

  it('is erased where nobody is left: of empty tables the planner remembers nothing', async () => {
    const { orm } = store.database;
    const model = { id: 'model-1', dimension: DIMENSION };
    if (store.database.hasVectors) await refreshVectorIndex(store.database, model);
    await orm.execute(sql`ANALYZE`);
    const remembered = sql<number>`(SELECT count(*)::int FROM pg_stats WHERE tablename ~ '^(writer|reference_|cases)')`;
    const [before] = (await orm.execute<{ n: number }>(sql`SELECT ${remembered} AS n`)).rows;
    expect(before!.n).toBeGreaterThan(5);
    await eraseWriters(store, [refOf(gone), refOf(kept)], by, { compact: true });
    const [after] = (await orm.execute<{ n: number }>(sql`SELECT ${remembered} AS n`)).rows;
    expect(after!.n).toBe(0);
    const again = await addSample(store); // tables, indices and foreign keys are what they were
    await expect(orm.delete(writers).where(eq(writers.id, again.writerId))).resolves.toBeDefined();
    expect(await orm.$count(referenceSignatures)).toBe(0);
    expect((await checkStore(store)).problems).toEqual([]);
  });

  it('is erased later from the files where that was asked for, and nobody is erased by mistake', async () => {
    const unknown = eraseWriters(store, [refOf(gone), 'nobody'], by);
    await expect(unknown).rejects.toMatchObject({ code: 'WRITER_NOT_FOUND' });
    const { orm } = store.database;
    expect(await orm.select().from(writers)).toHaveLength(2);
    await orm.execute(sql`ANALYZE`); // as a server does by itself
    const report = await eraseWriters(store, [refOf(gone)], by, { compact: false });
    expect(report).toMatchObject({ compacted: false, searched: { files: null } });
    expect(report.notes[0]).toContain('countersign db compact');
    await eraseWriters(store, [refOf(kept)], by, { compact: false });
    expect(await checkStore(store)).toMatchObject({ problems: [], compactionDue: 2 });
    const compacted = await compactStore(store, by);
    expect(compacted.erasures).toBe(2);
    const isFolder = store.database.location.kind === 'folder';
    expect(compacted.searched).toEqual(
      isFolder ? { ids: 4, files: expect.any(Number), bytes: expect.any(Number) } : null,
    );
    expect((await checkStore(store)).compactionDue).toBe(0);
    expect((await compactStore(store, by)).erasures).toBe(0);
    const log = await orm.select().from(auditLog);
    expect(log.filter(({ action }) => action === 'store.compacted').map(({ details }) => JSON.parse(details))).toEqual([
      { erasures: 2 },
      { erasures: 0 },
    ]);
  });

  it('is not known to the planner, by name, number, image or what was said', async () => {
    const { orm } = store.database;
    await orm.execute(sql`ANALYZE`);
    const { rows } = await orm.execute<{ text: string }>(sql`
      SELECT concat(most_common_vals::text, histogram_bounds::text) AS text FROM pg_stats
      WHERE schemaname = current_schema() AND tablename <> 'audit_log'`);
    const remembered = rows.map(({ text }) => text).join('\n');
    expect(remembered).toContain(gone.writerId); // it has looked
    for (const value of [
      NAME,
      refOf(gone),
      sha256(gone.image),
      'a.png',
      'same slant',
      gone.embedding.toString('hex'),
    ]) {
      for (const form of [value, value.toLowerCase()]) expect(remembered).not.toContain(form);
    }
  });

  it('is forgotten by a planner that knew it before it was kept from that', async () => {
    const { orm } = store.database;
    const known = sql`SELECT 1 FROM pg_stats WHERE histogram_bounds::text ~ 'Grünhäuser'`;
    await orm.execute(sql`ALTER TABLE writers ALTER COLUMN name SET STATISTICS -1`);
    await orm.execute(sql`ANALYZE writers`);
    await orm.execute(sql`ALTER TABLE writers ALTER COLUMN name SET STATISTICS 0`);
    expect((await orm.execute(known)).rows).toHaveLength(1);
    await eraseWriters(store, [refOf(gone)], by, { compact: true });
    expect((await orm.execute(known)).rows).toEqual([]);
    expect((await addSample(store)).writerId).toBeDefined(); // tables and indices are what they were
  });

  it('is not mistaken for a longer number, or digits of a picture or a clock', async () => {
    const { orm } = store.database;
    await orm.update(writers).set({ externalRef: '47' }).where(eq(writers.id, gone.writerId));
    await orm.execute(sql`UPDATE schema_migrations SET applied_at = '2026-04-07 10:47:47'`); // a time of day is no number
    await orm.execute(sql`ANALYZE schema_migrations`);
    await orm.update(writers).set({ externalRef: '1471', name: 'of 47-11' }).where(eq(writers.id, kept.writerId));
    const report = await eraseWriters(store, ['47'], by, { compact: false });
    expect(report.shared).toEqual(['the number of the writer (writers)']); // the namesake's name has it as a word
  });

  it('is found where it was hidden in a place that no erasure knows', async () => {
    await store.database.orm.execute(sql`CREATE TABLE notes AS SELECT image FROM reference_signatures`);
    await expect(eraseWriters(store, [refOf(gone)], by)).rejects.toMatchObject({
      code: 'ERASURE_INCOMPLETE',
      message: expect.stringContaining(`the image of reference ${gone.referenceId} in 1 rows of notes`),
    });
  });

  it('may have the name of another, and is erased all the same', async () => {
    await store.database.orm.update(writers).set({ name: NAME });
    const report = await eraseWriters(store, [refOf(gone)], by);
    expect(report.shared).toEqual(['the name of the writer (writers)']);
    // In other letters it is another name, but one in the index that names are sought by.
    const other = await addSample(store);
    await store.database.orm.update(writers).set({ name: NAME.toUpperCase() }).where(eq(writers.id, other.writerId));
    expect((await eraseWriters(store, [refOf(other)], by)).shared).toContain('the name of the writer (writers)');
  });

  it('is exported whole, images opened, or not at all', async () => {
    const folder = path.join(await temporaryFolder(), 'export');
    const outcome = await exportWriter(store, refOf(gone), folder, by);
    expect(outcome).toEqual({ writerId: gone.writerId, folder, references: 1, decisions: 1, images: 2 });
    const document = JSON.parse(readFileSync(path.join(folder, 'writer.json'), 'utf8'));
    expect(document.writer).toMatchObject({ externalRef: refOf(gone), name: NAME });
    expect(document.references[0].embeddings).toEqual([{ modelId: 'model-1', vector: [0.5, -0.5, 0.5, -0.5] }]);
    expect(readFileSync(path.join(folder, document.references[0].image)).equals(gone.image)).toBe(true);
    const [reviewed] = document.decisions[0].cases;
    expect(readFileSync(path.join(folder, reviewed.questionedImage)).equals(gone.image)).toBe(true);
    expect(reviewed.verdicts).toMatchObject([{ actor: 'ada', reason: 'same slant' }]);
    expect(document.auditLog).toHaveLength(1);
    expect(JSON.stringify(document)).not.toContain(kept.writerId);

    await expect(exportWriter(store, refOf(gone), folder, by)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const file = path.join(await temporaryFolder(), 'file');
    writeFileSync(file, '');
    const below = path.join(file, 'export');
    await expect(exportWriter(store, refOf(gone), below, by)).rejects.toMatchObject({ code: expect.any(String) });
    expect(existsSync(below)).toBe(false);
    const absent = path.join(await temporaryFolder(), 'absent');
    await expect(exportWriter(store, 'nobody', absent, by)).rejects.toMatchObject({ code: 'WRITER_NOT_FOUND' });
    expect(existsSync(absent)).toBe(false);
    expect(await verifyAuditLog(store.database, store.keys)).toEqual({ valid: true, rows: 3 });
  });
});
