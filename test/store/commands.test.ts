/** The commands on a store, as someone would run them one after the other. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesizeDataset } from '../../src/data/synthetic/synthesize-dataset.js';
import { countersign, expectFailure } from '../command-line.js';
import { writeTinyModel } from '../tiny-network.js';

let root: string;
let store: string[];
const file = (name: string) => path.join(root, name);
const image = (writer: string, i: number) => file(`signatures/${writer}/genuine/00${i}.png`);
let writers: string[];

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'countersign-commands-'));
  store = ['--store', file('store'), '--actor', 'ada'];
  await synthesizeDataset(file('signatures'), { writers: 2, genuine: 4, forged: 1, seed: 3 });
  writers = readdirSync(file('signatures')).sort();
  writeTinyModel(file('model.onnx'), 2);
  writeTinyModel(file('new.onnx'), 1.9);
}, 300_000);
afterAll(() => rmSync(root, { recursive: true, force: true }), 120_000);

async function json(...args: string[]) {
  const { stdout, stderr, exitCode } = await countersign([...args, ...store, '--json']);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}
async function text(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await countersign([...args, ...store]);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}
const model = (name = 'model.onnx') => ['--model', file(name)];

describe('commands on a store', () => {
  it('take a writer in, through a change of model and of key, and out again', async () => {
    const [a, b] = writers as [string, string];
    const images = [1, 2, 3].map((i) => image(a, i));
    const enrolled = await text('enrol', 'N-4711', ...images, '--name', 'Ada Example', ...model());
    expect(enrolled).toContain('writer N-4711: ready. 3 references.');
    const twice = await countersign(['enrol', 'N-4711', image(a, 4), ...model(), ...store]);
    expectFailure(twice, 'WRITER_EXISTS', 7);
    const copy = await countersign(['enrol', 'N-4711', image(a, 4), image(a, 1), '--add', ...model(), ...store]);
    expect(expectFailure(copy, 'REFERENCE_DUPLICATE', 7)).toContain(image(a, 1));
    expectFailure(
      await countersign(['enrol', 'N-4711', file('none.png'), '--add', ...model(), ...store]),
      'IMAGE_NOT_FOUND',
      3,
    );
    const added = await json('enrol', 'N-4711', image(a, 4), '--add', ...model());
    expect(added.references).toHaveLength(1);

    const other = await countersign(['enrol', 'B', image(b, 1), ...model('new.onnx'), ...store]);
    expectFailure(other, 'MODEL_NOT_ACTIVE', 7);
    expect(await json('reembed', ...model('new.onnx'))).toMatchObject({ references: 4, refused: [] });
    expect(await text('enrol', 'B', image(b, 1), ...model('new.onnx'))).toContain(
      'writer B: enrolling. 1 of 3 references.',
    );

    expect(await text('writers', 'list')).toMatch(/^N-4711\s+ready\s+4\s+0\s+\d{4}-\d\d-\d\d\s+Ada Example$/m);
    expect(await json('writers', 'list', '--state', 'enrolling')).toMatchObject([{ externalRef: 'B' }]);
    expect(await text('writers', 'list', '--search', 'n-4', '--limit', '1')).toMatch(/^N-4711/m);
    expect(await text('writers', 'list', '--limit', '1')).toContain('There are more: --limit.');
    expect(await text('writers', 'list', '--search', '%')).toContain('There is no such writer.');
    const retired = await text('writers', 'retire', 'N-4711', added.references[0].id.slice(0, 8));
    expect(retired).toContain('retired. Writer N-4711 is ready');
    expect(await text('writers', 'show', 'N-4711')).toMatch(/retired/);
    expect(await json('writers', 'settings', '--minimum-references', '1')).toMatchObject({
      settings: { minimumReferences: 1, ageingDays: 1825 },
      statesChanged: 1,
    });
    expect(await json('writers', 'settings')).toMatchObject({ settings: { minimumReferences: 1 }, statesChanged: 0 });
    expect(await text('writers', 'settings', '--seal-embeddings')).toMatch(/^[1-9] embeddings were sealed\.$/m);
    expect(await text('writers', 'settings', '--seal-embeddings=false')).toMatch(/^[1-9] embeddings were opened\.$/m);
    expect(await text('writers', 'expire', 'B', '2020-01-01')).toContain('writer B: stale. Expired on 2020-01-01.');

    const { keyId } = await json('db', 'rotate-keys');
    expect(readFileSync(file('store.key'), 'utf8').split('\n')).toHaveLength(3);
    expect(keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(await json('db', 'check')).toMatchObject({ problems: [], embeddings: 5 });
    const { rows } = await json('db', 'backup', file('backup.gz'));

    expect(await text('export', 'N-4711', '--out', file('exported'))).toContain('4 references');
    expect(existsSync(path.join(file('exported'), 'writer.json'))).toBe(true);
    const erased = await text('erase', 'N-4711');
    expect(erased).toContain('nothing of the writer is left');
    expectFailure(await countersign(['writers', 'show', 'N-4711', ...store]), 'WRITER_NOT_FOUND', 7);
    await text('erase', 'B', '--no-compact');
    expect(await text('db', 'check')).toMatch(/^1 erasures wait for `countersign db compact`\n0 problems/);
    expect(await text('db', 'compact')).toMatch(
      /^tables were rewritten, for 1 erasures; searched \d+ files .* none is left$/m,
    );
    expect(await json('db', 'check')).toMatchObject({ problems: [], compactionDue: 0 });
    expect(await text('audit-log', 'verify')).toMatch(/^\d+ rows, as they were written$/m);
    const log = await text('audit-log', 'show');
    expect(log).toMatch(/ada\s+writer\.erased/);
    expect(log).not.toMatch(/N-4711|Example/);

    expectFailure(await countersign(['db', 'restore', file('backup.gz'), ...store]), 'STORE_NOT_EMPTY', 7);
    const elsewhere = ['--store', file('elsewhere')];
    expectFailure(await countersign(['db', 'restore', file('backup.gz'), ...elsewhere]), 'KEY_MISSING', 7);
    cpSync(file('store.key'), file('elsewhere.key'));
    const restored = await countersign(['db', 'restore', file('backup.gz'), ...elsewhere]);
    expect(restored.stdout, restored.stderr).toBe(`${rows} rows came back.\n`);
    const record = (await countersign(['audit-log', 'show', ...elsewhere])).stdout;
    expect(record).toMatch(/ada\s+store\.backed-up[\s\S]*store\.restored/);
    const shown = await countersign(['writers', 'show', 'N-4711', ...elsewhere]); // erased, but not from the backup
    expect(shown.stdout, shown.stderr).toContain('Ada Example');
  }, 900_000);

  it('leave no half store on a full disk: the next start makes it whole', async () => {
    const fresh = ['--store', file('fresh')];
    const enrol = ['enrol', 'A', image(writers[0]!, 1), ...model(), ...fresh];
    const full = await countersign(enrol, { fileSizeLimitKiB: 64 });
    expect(expectFailure(full, 'WRITE_FAILED', 6)).toContain('Could not make the store');
    const { exitCode, stderr } = await countersign(enrol);
    expect(exitCode, stderr).toBe(0);
  }, 300_000);

  it('import a folder', async () => {
    const flat = file('flat');
    for (const writer of writers) {
      mkdirSync(path.join(flat, writer), { recursive: true });
      cpSync(file(`signatures/${writer}/genuine`), path.join(flat, writer), { recursive: true });
    }
    const other = ['--store', file('imported')];
    const { stdout, exitCode, stderr } = await countersign([
      'import',
      flat,
      '--report',
      file('report.csv'),
      ...model(),
      ...other,
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain('8 enrolled (0 of them doubtful), 0 refused');
    expect(readFileSync(file('report.csv'), 'utf8').split('\r\n')).toHaveLength(10);
    expectFailure(await countersign(['import', file('signatures'), ...model(), ...other]), 'IMPORT_INVALID', 7);
  }, 300_000);
});
