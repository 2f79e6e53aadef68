/** Signatures of many writers come in by a folder or a CSV file, on every database a store runs on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { signGenuine } from '../../src/data/synthetic/sign.js';
import { encodePng } from '../../src/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../../src/data/synthetic/writer.js';
import { type ImportOptions, importReferences } from '../../src/enrol/import.js';
import { type ModelEmbedder, openEmbedder } from '../../src/runtime/model-embedder.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { checkStore } from '../../src/store/check.js';
import { eraseWriters } from '../../src/store/erase.js';
import { listWriters, showWriter } from '../../src/store/list-writers.js';
import type { Store } from '../../src/store/store.js';
import { temporaryFolder } from '../temporary-folder.js';
import { writeTinyModel } from '../tiny-network.js';
import { BACKENDS } from './backends.js';
import { onFreshStore } from './fresh-store.js';

const AT = new Date('2026-03-29T01:59:59.123Z');
const WRITERS = 3;
const EACH = 3;

let root: string;
let folder: string;
let csv: string;
let embedder: ModelEmbedder;

/** Three writers with three signatures each; of the second, one is blank and one a copy; the third has nothing but noise. */
beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'countersign-import-'));
  const model = path.join(root, 'model.onnx');
  writeTinyModel(model, 2);
  embedder = await openEmbedder(model);
  folder = path.join(root, 'signatures');
  const rng = new Rng('import');
  const blank = await encodePng({ width: 80, height: 40, data: new Uint8Array(3200).fill(255) });
  for (let w = 1; w <= WRITERS; w++) {
    const writer = createWriter(rng, w);
    mkdirSync(path.join(folder, `${w}`), { recursive: true });
    const images = [];
    for (let i = 0; i < EACH; i++) images.push(await encodePng(signGenuine(writer, rng.fork(`${w} ${i}`))));
    if (w === 2) images.splice(1, 2, blank, images[0]!);
    if (w === 3) images.fill(Buffer.from('no image'));
    for (const [i, image] of images.entries()) writeFileSync(path.join(folder, `${w}`, `${i}.png`), image);
  }
  csv = path.join(root, 'list.csv');
  writeFileSync(
    csv,
    [
      'writer,path,name,captured_at,expires_at',
      ...[0, 1, 2].map((i) => `1,signatures/1/${i}.png,"Ada, Example",2020-02-0${i + 1},2027-01-01`),
      '2,signatures/2/0.png,,,',
      '4,signatures/none.png,,,',
    ].join('\n'),
  );
}, 300_000);
afterAll(async () => {
  await embedder?.close();
  rmSync(root, { recursive: true, force: true });
}, 300_000);

describe.each(Object.entries(BACKENDS))('an import on %s', (_, start) => {
  let store: Store;
  onFreshStore(start, (opened) => {
    store = opened;
  });

  const run = (source: string, more: Partial<ImportOptions> = {}) =>
    importReferences(store, embedder, source, { actor: 'ada', clock: () => AT, ...more });

  it('enrols what can be, and says of each file what came of it', async () => {
    const progress: string[] = [];
    const result = await run(folder, { onProgress: (done, total) => progress.push(`${done}/${total}`) });
    expect(result).toMatchObject({ resumed: false, enrolled: 4, doubtful: 0, refused: 5 });
    expect(result.items.map(({ source, state, code }) => [source, state, code])).toEqual([
      ...[0, 1, 2].map((i) => [`1/${i}.png`, 'enrolled', null]),
      ['2/0.png', 'enrolled', null],
      ['2/1.png', 'refused', 'IMAGE_BLANK'],
      ['2/2.png', 'refused', 'REFERENCE_DUPLICATE'],
      ...[0, 1, 2].map((i) => [`3/${i}.png`, 'refused', 'IMAGE_UNDECODABLE']),
    ]);
    for (const { state, reason } of result.items) expect(reason === null).toBe(state === 'enrolled');
    expect(progress).toEqual(['3/9', '6/9', '9/9']);
    const { items } = await listWriters(store.database.orm, { at: AT, limit: 9 });
    expect(items.map(({ externalRef, state }) => [externalRef, state])).toEqual([
      ['1', 'ready'],
      ['2', 'enrolling'],
    ]);
    const again = await run(folder);
    expect(again).toMatchObject({ resumed: false, enrolled: 0, refused: 9 });
    expect(await verifyAuditLog(store.database, store.keys)).toEqual({ valid: true, rows: 7 });
    expect((await checkStore(store)).problems).toEqual([]);
  });

  it('goes on where it was interrupted, with the list that it began with', async () => {
    const interrupt = () => {
      throw new Error('interrupted');
    };
    await expect(run(folder, { onProgress: interrupt })).rejects.toThrow('interrupted');
    const late = path.join(folder, '1', 'late.png');
    writeFileSync(late, 'not on the list');
    try {
      const result = await run(folder);
      expect(result).toMatchObject({ resumed: true, enrolled: 4, refused: 5 });
      expect(result.items).toHaveLength(WRITERS * EACH);
    } finally {
      rmSync(late);
    }
  });

  it('refuses what was written on a day to come, and takes the rest', async () => {
    const file = path.join(root, 'days.csv');
    const row = (i: number, day: string) => `1,signatures/1/${i}.png,${day}`;
    writeFileSync(file, ['writer,path,captured_at', row(0, '2026-03-30'), row(1, '2062-03-28')].join('\n'));
    const { items } = await run(file);
    expect(items.map(({ state, code }) => [state, code])).toEqual([
      ['enrolled', null], // begun where the sun rises earlier
      ['refused', 'INVALID_ARGUMENT'],
    ]);
    expect(items[1]!.reason).toContain('2062-03-28T00:00:00.000Z is to come');
  });

  it('reads names and dates from a CSV file, and forgets with a writer what it noted', async () => {
    const result = await run(csv);
    expect(result.items.map(({ code }) => code)).toEqual([null, null, null, null, 'IMAGE_NOT_FOUND']);
    const { orm } = store.database;
    const shown = await showWriter(orm, '1', AT);
    expect(shown).toMatchObject({ name: 'Ada, Example', expiresAt: new Date('2027-01-01T00:00:00Z'), state: 'stale' });
    const days = shown.references.map(({ capturedAt }) => capturedAt?.toISOString().slice(0, 10));
    expect(days.sort()).toEqual(['2020-02-01', '2020-02-02', '2020-02-03']);
    const { writers } = await eraseWriters(store, ['1'], { at: AT, actor: 'ada' });
    expect(writers[0]!.removed).toMatchObject({ references: 3, importItems: 3 });
  });

  it('refuses what it cannot read as a whole, before it enrols anything', async () => {
    const root = await temporaryFolder();
    const write = (name: string, text: string) => {
      const file = path.join(root, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    };
    write('loose/a.png', '');
    write('deep/1/forged/a.png', '');
    mkdirSync(path.join(root, 'empty'));
    for (const [source, message] of [
      [path.join(root, 'none'), 'ENOENT'],
      [path.join(root, 'loose'), 'a.png lies elsewhere'],
      [path.join(root, 'deep'), '1/forged/a.png lies elsewhere'],
      [path.join(root, 'empty'), 'no signature'],
      [write('column.csv', 'path,writer,kind\na,1,genuine'), 'line 1: column "kind" is unknown'],
      [write('missing.csv', 'path\na'), 'line 1: column "writer" is missing'],
      [write('fields.csv', 'path,writer\na'), 'line 2: there are 1 fields under 2 columns'],
      [write('blank.csv', 'path,writer\n,1'), 'line 2: path or writer is empty'],
      [write('day.csv', 'path,writer,captured_at\na,1,2026-02-30'), 'line 2: captured_at is "2026-02-30"'],
      [write('name.csv', 'path,writer,name\na,1,A\nb,1,B'), 'line 3: name or expires_at of writer 1'],
      [write('long.csv', `path,writer\na,${'1'.repeat(201)}`), "line 2: the writer's number: expected 1 to 200"],
      [write('lines.csv', 'path,writer,name\na,1,"A\nB"'), "line 2: the writer's name: expected 1 to 200"],
      [write('quote.csv', 'path,writer\n"a,1'), 'line 2: a quoted field is never closed'],
    ] as const) {
      await expect(run(source), source).rejects.toMatchObject({
        code: 'IMPORT_INVALID',
        message: expect.stringContaining(message),
      });
    }
    expect(await verifyAuditLog(store.database, store.keys)).toEqual({ valid: true, rows: 0 });
  });
});
