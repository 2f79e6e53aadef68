/** The commands of bulk work, as someone would run them one after the other. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesizeDataset } from '../../src/data/synthetic/synthesize-dataset.js';
import { openJobs } from '../../src/jobs/jobs.js';
import { openStore } from '../../src/store/store.js';
import { countersign, expectFailure } from '../command-line.js';
import { writeTinyModel } from '../tiny-network.js';

let root: string;
const file = (name: string) => path.join(root, name);
const WRITERS = 2;
const GENUINE = 5;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'countersign-jobs-commands-'));
  await synthesizeDataset(file('signatures'), { writers: WRITERS, genuine: GENUINE, forged: 2, seed: 3 });
  writeTinyModel(file('model.onnx'), 2);
  const images = readdirSync(file('signatures')).flatMap((writer) =>
    readdirSync(file(`signatures/${writer}/genuine`)).map((name) => [`signatures/${writer}/genuine/${name}`, writer]),
  );
  const isReference = (_: unknown, i: number) => i % GENUINE < 3;
  const csv = (rows: readonly (readonly string[])[]) => rows.map((row) => `${row.join(',')}\n`).join('');
  writeFileSync(file('enrol.csv'), csv([['path', 'writer'], ...images.filter(isReference)]));
  const questioned = images.filter((image, i) => !isReference(image, i)).map((image) => [...image, '12.50', 'EUR']);
  const missing = ['none.png', 'nobody', '', ''];
  writeFileSync(file('verify.csv'), csv([['path', 'writer', 'amount', 'currency'], ...questioned, missing]));
  writeFileSync(
    file('wrong.csv'),
    csv([
      ['path', 'writer', 'amount', 'currency'],
      ['a.png', '1', 'much', 'EUR'],
    ]),
  );
}, 300_000);
afterAll(() => rmSync(root, { recursive: true, force: true }), 120_000);

const run = (...args: string[]) => countersign([...args, '--store', file('store'), '--actor', 'ada']);
async function text(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await run(...args);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}
const json = async (...args: string[]) => JSON.parse(await text(...args, '--json'));

describe('commands of bulk work', () => {
  it('enrol and verify a list in this process, and tell what came of it', async () => {
    const model = ['--model', file('model.onnx'), '--threads', '1'];
    const enrolled = await text(
      'jobs',
      'create',
      'enrol',
      file('enrol.csv'),
      '--title',
      'branch 12',
      '--run',
      ...model,
    );
    expect(enrolled).toMatch(/^kind {9}enrol, branch 12$/m);
    expect(enrolled).toMatch(/^state {8}done$/m);
    const queued = await json('jobs', 'create', 'verify', file('verify.csv'));
    const questioned = WRITERS * (GENUINE - 3);
    expect(queued).toMatchObject({ state: 'queued', actor: 'ada', progress: { done: 1, total: questioned + 1 } });
    expectFailure(await run('jobs', 'results', 'ffff'), 'JOB_NOT_FOUND', 7);
    const done = await json('jobs', 'run', queued.id.slice(0, 8), ...model);
    expect(done).toMatchObject({ id: queued.id, state: 'done', items: { settled: questioned, refused: 1 } });
    expectFailure(await run('jobs', 'retry', queued.id), 'JOB_STATE', 7);
    expectFailure(await run('jobs', 'cancel', queued.id), 'JOB_STATE', 7);

    const [header, ...lines] = (await text('jobs', 'results', queued.id)).trimEnd().split('\r\n');
    expect(header).toMatch(/^position,writer,label,state,result,/);
    expect(lines).toHaveLength(questioned + 1);
    expect(lines[0]).toMatch(/^1,\w+,signatures\/.*\.png,settled,\w+,/);
    expect(lines.at(-1)).toMatch(/,nobody,none\.png,refused,.*IMAGE_NOT_FOUND/);
    expect(await text('jobs', 'results', queued.id, '--out', file('results.ndjson'))).toBe('');
    const written = readFileSync(file('results.ndjson'), 'utf8').trimEnd().split('\n');
    expect(written.map((line) => JSON.parse(line).position)).toEqual(lines.map((_, i) => i + 1));
    expect(statSync(file('results.ndjson')).mode & 0o077).toBe(0);

    const listed = await json('jobs', 'list');
    expect(listed.map(({ kind, state }: { kind: string; state: string }) => [kind, state])).toEqual([
      ['verify', 'done'],
      ['enrol', 'done'],
    ]);
    expect(await text('jobs', 'list', '--state', 'done')).toContain('branch 12');
    expect(await text('jobs', 'list', '--state', 'failed')).toContain('There is no such job.');
  }, 300_000);

  it('stop a job, refuse a list with a mistake, and say where workers are not for', async () => {
    const { id } = await json('jobs', 'create', 'verify', file('verify.csv'));
    expect(await text('jobs', 'cancel', id)).toMatch(/^state {8}cancelled$/m);
    const wrong = await run('jobs', 'create', 'verify', file('wrong.csv'));
    expect(expectFailure(wrong, 'IMPORT_INVALID', 7)).toContain('wrong.csv, line 2: expected an amount like 1000.50');
    const store = await openStore({ kind: 'folder', folder: file('store') }, process.env);
    const jobs = await openJobs(store, { clock: () => new Date(), onTrouble: () => undefined, supervise: false });
    const unfilled = await jobs.create({ kind: 'verify' }, { at: new Date(), actor: 'ada' });
    await jobs.close();
    await store.close();
    const never = await run('jobs', 'run', unfilled.id, '--model', file('model.onnx'));
    expect(expectFailure(never, 'JOB_STATE', 7)).toContain(`countersign jobs cancel ${unfilled.id}`);
    expect(await text('jobs', 'cancel', unfilled.id)).toMatch(/^state {8}cancelled$/m);
    expectFailure(await run('worker', '--model', file('model.onnx')), 'INVALID_ARGUMENT', 2);
    const evaluation = await json('jobs', 'create', 'evaluate', 'made-up', '--no-probe');
    expect(evaluation).toMatchObject({ state: 'queued', parameters: { data: 'made-up', probe: false, seed: 1 } });
    expectFailure(await run('jobs', 'results', evaluation.id), 'JOB_STATE', 7);
    const failed = await run('jobs', 'run', evaluation.id, '--model', file('model.onnx'));
    expect(failed.exitCode).toBe(7);
    expect(failed.stdout).toMatch(/^problem {6}.*DATASET_NOT_FOUND/m);
  }, 300_000);
});
