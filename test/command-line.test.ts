/** The command line as its user uses and abuses it: exit code, stdout, stderr, and what is left on the disk. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { synthesizeDataset } from '../src/data/synthetic/synthesize-dataset.js';
import { runTraining } from '../src/train/run.js';
import { VERSION } from '../src/version.js';
import { writeBadImages } from './bad-images.js';
import { countersign, expectFailure } from './command-line.js';
import { TINY_FLAGS, tinyConfig, writeTinyModel, writeTinyWeights } from './tiny-network.js';

// Many processes on a machine that may be busy: what hangs is still found.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), 'countersign-command-line-'));
const at = (...path: string[]) => join(folder, ...path);
const data = at('signatures');
const weights = at('weights.safetensors');
const model = at('model.onnx');
const image = (name: string) => at('images', name);
const signature = image('signature.png');
/** Of somebody else, and far from `signature` even for a network with random weights. */
const other = join(data, 'w0002', 'forged', '001.png');
const bytes = (path: string) => readFileSync(path);
// Where commands keep the images they have prepared, for each other.
process.env.XDG_CACHE_HOME = at('cache');

/** A place where nothing is, also where a test is tried again. */
function cleared(name: string): string {
  rmSync(at(name), { recursive: true, force: true });
  return at(name);
}

/** An empty folder to write below; what is left in it is what a command left. */
function emptyFolder(name: string): string {
  mkdirSync(cleared(name));
  return at(name);
}

/** A copy of the synthetic writers, changed. */
function dataWith(name: string, change: (copy: string) => void): string {
  cpSync(data, at(name), { recursive: true });
  change(at(name));
  return at(name);
}

beforeAll(async () => {
  await synthesizeDataset(data, { writers: 6, genuine: 4, forged: 3, seed: 5 });
  await writeBadImages(at('images'));
  writeTinyWeights(weights);
  writeTinyModel(model, 0.01);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.concurrent('countersign', () => {
  it('without a command shows its help and fails', async () => {
    const { exitCode, stdout, stderr } = await countersign([]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: countersign /);
  });

  it('refuses a command that it does not know', async () => {
    const message = expectFailure(await countersign(['verfy', signature]), 'INVALID_ARGUMENT', 2);
    expect(message).toContain("Unknown command 'verfy'");
    expect(message).toContain('verify');
  });

  it('shows help and version on stdout', async () => {
    const help = await countersign(['--help']);
    expect([help.exitCode, help.stderr]).toEqual([0, '']);
    for (const name of [
      'verify',
      'train',
      'evaluate',
      'protocols',
      'summary',
      'calibrate',
      'operating-points',
      'quantize',
      'synthesize',
      'import-weights',
      'demo',
    ]) {
      expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    const ofVerify = await countersign(['verify', '--help']);
    expect(ofVerify.exitCode).toBe(0);
    expect(ofVerify.stdout).toContain('0 accept, 1 reject');
    expect(await countersign(['--version'])).toEqual({ exitCode: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it('refuses an unknown flag, and says which one was meant', async () => {
    const out = join(emptyFolder('unknown-flag'), 'writers');
    const misspelt = await countersign(['synthesize', '--out', out, '--writers', '2', '--sed', '3']);
    expect(expectFailure(misspelt, 'INVALID_ARGUMENT', 2)).toContain("'--sed' (Did you mean --seed?)");
    expect(readdirSync(at('unknown-flag'))).toEqual([]);
  });

  it('with --json reports an error on stdout, too', async () => {
    const { exitCode, stdout, stderr } = await countersign([
      'verify',
      '--model',
      'none.onnx',
      '-r',
      signature,
      signature,
      '--json',
    ]);
    expect(exitCode).toBe(5);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'MODEL_NOT_FOUND',
        message: expect.stringContaining('none.onnx'),
        hint: 'Check the path of the model or weights file.',
        details: {},
      },
    });
    expect(stderr).toContain('[MODEL_NOT_FOUND]');
  });

  it('ends without a word, and not as "reject", when nobody reads its output', async () => {
    const args = ['verify', '--model', model, '-r', signature, signature, '--json'];
    const { exitCode, stderr } = await countersign(args, { withoutReader: true });
    expect([exitCode, stderr]).toEqual([141, '']);
  });
});

describe.concurrent('countersign verify', () => {
  const verify = (...args: string[]) => countersign(['verify', '--model', model, ...args]);

  it('accepts with exit code 0', async () => {
    const { exitCode, stdout, stderr } = await verify('--reference', signature, image('signature.tiff'));
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ACCEPT {2}As close as genuine signatures/);
    expect(stdout).toContain('threshold    0.010 (set by a test)');
  });

  it('rejects with exit code 1, and --json says everything a script needs', async () => {
    const { exitCode, stdout, stderr } = await verify('-r', signature, '-r', other, '--json', other);
    expect([exitCode, stderr]).toEqual([1, '']);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      decision: 'reject',
      reason: expect.stringContaining('threshold 0.010'),
      threshold: 0.01,
      thresholdSource: 'set by a test',
      referenceCount: 2,
      modelId: expect.stringMatching(/^tiny-[0-9a-f]{12}$/),
      quality: { widthPx: expect.any(Number), warnings: expect.any(Array) },
      timingMs: { preprocess: expect.any(Number), embed: expect.any(Number), total: expect.any(Number) },
    });
    expect(result.perReference).toMatchObject([{ reference: signature }, { reference: other, distance: 0 }]);
    expect(result.distance).toBeCloseTo(result.perReference[0].distance / 2, 12);
    expect(result.similarity).toBeCloseTo(100 / (1 + Math.exp(10 * result.distance - 1)), 9);
  });

  it('takes a threshold from its user', async () => {
    const { exitCode, stdout } = await verify('-r', signature, other, '--threshold', '2', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ threshold: 2, thresholdSource: 'given by the caller' });
  });

  it.each([
    ['2.5', 'from 0 to 2'],
    ['', 'expected a number; "" came'],
  ])('refuses the threshold "%s"', async (threshold, reason) => {
    const refused = await verify('-r', signature, signature, `--threshold=${threshold}`);
    expect(expectFailure(refused, 'INVALID_ARGUMENT', 2)).toContain(reason);
  });

  it.each([
    ['blank.png', 'IMAGE_BLANK'],
    ['one-pixel.png', 'IMAGE_SPECK'],
    ['black.png', 'IMAGE_SOLID'],
  ])('cannot decide about %s: exit code 3', async (name, code) => {
    const { exitCode, stdout, stderr } = await verify('-r', signature, '-r', image(name), image(name), '--json');
    expect([exitCode, stderr]).toEqual([3, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      decision: 'inconclusive',
      reason: expect.stringMatching(/^The questioned image shows no signature: /),
      distance: null,
      similarity: null,
      quality: null,
      referenceCount: 1,
      perReference: [{ distance: null }, { distance: null, problem: { code } }],
    });
  });

  it('says so when no reference shows a signature, and does without one of several', async () => {
    const none = await verify('-r', image('blank.png'), signature);
    expect([none.exitCode, none.stderr]).toEqual([3, '']);
    expect(none.stdout).toMatch(/^INCONCLUSIVE {2}No reference shows a signature/);
    expect(none.stdout).toMatch(/blank\.png: .*no ink was found/);
    const one = await verify('-r', image('blank.png'), '-r', signature, signature);
    expect(one.exitCode).toBe(0);
    expect(one.stdout).toMatch(/blank\.png: .*no ink was found/);
  });

  it.each([
    ['cut.png', 'IMAGE_TRUNCATED'],
    ['cut.jpeg', 'IMAGE_TRUNCATED'],
    ['cut.webp', 'IMAGE_TRUNCATED'],
    ['cut.tiff', 'IMAGE_TRUNCATED'],
    ['corrupt.png', 'IMAGE_UNDECODABLE'],
    ['corrupt.jpeg', 'IMAGE_UNDECODABLE'],
    ['corrupt.webp', 'IMAGE_UNDECODABLE'],
    ['corrupt.tiff', 'IMAGE_UNDECODABLE'],
    ['letter.png', 'IMAGE_UNDECODABLE'],
    ['empty.png', 'IMAGE_EMPTY_FILE'],
    ['missing.png', 'IMAGE_NOT_FOUND'],
    ['huge.png', 'IMAGE_TOO_MANY_PIXELS'],
    ['.', 'IMAGE_UNDECODABLE'],
  ] as const)('refuses %s with the code %s', async (name, code) => {
    const asQuestioned = ['-r', signature, image(name)];
    const asReference = ['-r', image(name), signature];
    const outcome = await verify(...(name.endsWith('.png') ? asReference : asQuestioned));
    expect(expectFailure(outcome, code, 3)).toContain(image(name));
  });

  it('needs references and one questioned signature', async () => {
    const none = expectFailure(await verify(signature), 'INVALID_ARGUMENT', 2);
    expect(none).toContain('Expected --reference, --writer or --signer');
    const two = await verify('-r', signature, signature, signature);
    expectFailure(two, 'INVALID_ARGUMENT', 2);
  });

  it('refuses a model file that is missing, none, or cut in half', async () => {
    const half = at('half.onnx');
    writeFileSync(half, bytes(model).subarray(0, bytes(model).length / 2));
    for (const [file, code] of [
      [at('missing.onnx'), 'MODEL_NOT_FOUND'],
      [signature, 'MODEL_INVALID'],
      [half, 'MODEL_INVALID'],
    ] as const) {
      expectFailure(await countersign(['verify', '--model', file, '-r', signature, signature]), code, 5);
    }
  });
});

describe.concurrent('countersign train', () => {
  const train = (out: string, ...more: string[]) => trainOn(data, out, ...more);
  const trainOn = (set: string, out: string, ...more: string[]) => countersign(trainArgs(set, out, ...more));
  const trainArgs = (set: string, out: string, ...more: string[]) => [
    'train',
    '--data',
    set,
    '--init',
    weights,
    '--out',
    out,
    ...TINY_FLAGS,
    ...more,
  ];

  it('writes a run, which the next one does not write over', async () => {
    const out = cleared('run');
    const { exitCode, stdout, stderr } = await train(out, '--json', '--name', 'mine');
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ model: join(out, 'model.onnx'), progress: { step: 4 }, leftOut: [] });
    expect(stderr).toContain('28 images of 4 writers to learn from, 2 writers for validation');
    expect(readdirSync(out).sort()).toEqual(['checkpoint.safetensors', 'model.onnx', 'run.json']);
    const before = readdirSync(out).map((name) => bytes(join(out, name)));
    expect(expectFailure(await train(out), 'INVALID_ARGUMENT', 2)).toContain('--resume');
    expect(readdirSync(out).map((name) => bytes(join(out, name)))).toEqual(before);
  });

  it('has network and preparation of the model it starts from, and on --resume the whole configuration of the run', async () => {
    const out = cleared('inherited');
    const start = ['train', '--data', data, '--init', model, '--out', out];
    const given = ['--steps', '2', '--validation-writers', '2', '--identities', '3', '--preprocess-margin-px', '2'];
    const { exitCode, stderr } = await countersign([...start, ...given]);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toContain('another drawn');
    const record = () => JSON.parse(bytes(join(out, 'run.json')).toString());
    const { architecture, preprocess } = tinyConfig;
    const config = { architecture, preprocess: { ...preprocess, marginPx: 2 }, steps: 2, identities: 3 };
    expect(record().config).toMatchObject(config);
    const made = bytes(join(out, 'model.onnx'));
    const resumed = await countersign(['train', '--resume', '--data', data, '--out', out]);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(record().config).toMatchObject(config);
    expect(bytes(join(out, 'model.onnx'))).toEqual(made);
    const other = await countersign([...start, '--resume', '--identities', '4']);
    expect(expectFailure(other, 'CHECKPOINT_MISMATCH', 5)).toContain('these differ: identities');
  });

  it('goes on with a recipe as it was told the first time', async () => {
    const recipe = {
      schema: 'countersign/recipe@1',
      title: 'one',
      sets: [{ dataset: 'signatures' }],
      config: tinyConfig,
    };
    writeFileSync(at('recipe.json'), JSON.stringify(recipe));
    const out = cleared('recipe-run');
    const run = ['train', '--recipe', at('recipe.json'), '--data', data, '--init', weights, '--out', out];
    const first = await countersign([...run, '--seed', '7']);
    expect(first.exitCode, first.stderr).toBe(0);
    const resumed = await countersign([...run, '--resume']);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(JSON.parse(bytes(join(out, 'run.json')).toString())).toMatchObject({ seed: 7, steps: 4 });
  });

  it('trains the recipe that comes before, once, and starts from its model', async () => {
    const write = (name: string, more: object) => {
      const synthetic = { writers: 6, genuine: 3, forged: 2, seed: 3 };
      const recipe = { schema: 'countersign/recipe@1', title: name, sets: [], synthetic, config: tinyConfig, ...more };
      writeFileSync(at(`${name}.json`), JSON.stringify(recipe));
      return at(`${name}.json`);
    };
    const second = write('second', { after: write('first', {}) });
    const out = cleared('chain');
    const run = () => countersign(['train', '--recipe', second, '--init', weights, '--out', out, ...TINY_FLAGS]);
    const { exitCode, stderr } = await run();
    expect(exitCode, stderr).toBe(0);
    const record = (...path: string[]) => JSON.parse(bytes(join(out, ...path, 'run.json')).toString());
    expect(record('before')).toMatchObject({ init: 'weights.safetensors', ancestry: [] });
    const third = write('third', { after: write('other', { title: 'another' }) });
    const other = ['train', '--recipe', third, '--init', weights, '--out', out, '--resume', ...TINY_FLAGS];
    expect(expectFailure(await countersign(other), 'INVALID_ARGUMENT', 2)).toContain('the training before that');
    expect(record()).toMatchObject({ init: 'model.onnx', ancestry: [{ dataset: 'synthetic' }] });
    for (const name of ['model.onnx', 'checkpoint.safetensors']) rmSync(join(out, name));
    const before = bytes(join(out, 'before', 'model.onnx'));
    expect((await run()).stderr).not.toContain('first'); // it has finished
    expect(bytes(join(out, 'before', 'model.onnx'))).toEqual(before);
  });

  it('leaves out images without a signature and says so; a writer with one signature teaches nothing', async () => {
    const set = dataWith('one-sample', (copy) => {
      for (const name of ['002', '003', '004']) rmSync(join(copy, 'w0003', 'genuine', `${name}.png`));
      cpSync(image('blank.png'), join(copy, 'w0001', 'genuine', '001.png'));
      cpSync(image('cut.png'), join(copy, 'w0002', 'forged', '001.png'));
    });
    const { exitCode, stderr } = await trainOn(set, cleared('one-sample-run'));
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('fewer than two genuine signatures, which teach nothing: 1\n');
    expect(stderr).toContain(
      'images left out, 2: one-sample/w0001/genuine/001.png (IMAGE_BLANK), one-sample/w0002/forged/001.png (IMAGE_TRUNCATED)',
    );
    const tested = await countersign(['evaluate', '--model', model, '--data', set]);
    expect(expectFailure(tested, 'DATASET_TOO_FEW_SAMPLES', 4)).toContain('writer w0003 has 1');
  });

  it.each([
    [
      'no forgeries',
      'DATASET_NO_FORGERIES',
      (copy: string) => {
        for (const writer of readdirSync(copy)) rmSync(join(copy, writer, 'forged'), { recursive: true });
      },
      'all 24 signatures are genuine',
    ],
    [
      'an unexpected file',
      'DATASET_FILE_UNEXPECTED',
      (copy: string) => writeFileSync(join(copy, 'w0002', 'genuine', 'invoice.pdf'), '%PDF'),
      'w0002/genuine/invoice.pdf does not fit',
    ],
    [
      'three writers',
      'DATASET_TOO_FEW_WRITERS',
      (copy: string) => {
        for (const writer of ['w0004', 'w0005', 'w0006']) rmSync(join(copy, writer), { recursive: true });
      },
      'to learn from, but beside the writers held out there is only 1',
    ],
    [
      'nothing',
      'DATASET_LAYOUT_UNKNOWN',
      (copy: string) => {
        for (const writer of readdirSync(copy)) rmSync(join(copy, writer), { recursive: true });
      },
      'the folder holds no files',
    ],
  ] as const)('refuses a folder with %s', async (name, code, change, reason) => {
    const set = dataWith(`data with ${name}`, change);
    const out = join(emptyFolder(`trained on ${name}`), 'run');
    const { stderr, ...rest } = await trainOn(set, out);
    expectFailure({ stderr, ...rest }, code, 4);
    expect(stderr).toContain(reason);
    expect(readdirSync(at(`trained on ${name}`))).toEqual([]);
  });

  it('refuses to hold out more writers than there are, and a missing folder', async () => {
    const out = join(emptyFolder('held-out'), 'run');
    const tooMany = expectFailure(await train(out, '--validation-writers', '7'), 'DATASET_TOO_FEW_WRITERS', 4);
    expect(tooMany).toContain('Expected 7 writers of signatures');
    expectFailure(await trainOn(at('nowhere'), out), 'DATASET_NOT_FOUND', 4);
    expect(readdirSync(at('held-out'))).toEqual([]);
  });

  it('refuses initial weights that are missing, cut, or of another architecture', async () => {
    const out = join(emptyFolder('weights'), 'run');
    const cut = at('cut.safetensors');
    writeFileSync(cut, bytes(weights).subarray(0, 100_000));
    for (const [file, code] of [
      [at('missing.safetensors'), 'MODEL_NOT_FOUND'],
      [cut, 'WEIGHTS_INVALID'],
    ] as const) {
      expect(expectFailure(await train(out, '--init', file), code, 5)).toContain(file);
    }
    const wider = await train(out, '--architecture-width-multiplier', '0.5');
    expect(expectFailure(wider, 'WEIGHTS_MISMATCH', 5)).toContain('Conv1.weight of shape [16,1,3,3]');
    expect(readdirSync(at('weights'))).toEqual([]);
  });

  it.each([
    [['--steps', 'many'], '--steps: expected a number; "many" came.'],
    [['--steps', '1.5', '--miner', 'gold'], '--steps: expected a whole number; 1.5 came. --miner: expected all or '],
    [['--learning-rat', '1'], "Unknown option '--learning-rat' (Did you mean --learning-rate?)"],
  ])('refuses %j', async (flags, reason) => {
    const out = at(`never-written${flags.join('')}`);
    expect(expectFailure(await train(out, ...flags), 'INVALID_ARGUMENT', 2)).toContain(reason);
    expect(existsSync(out)).toBe(false);
  });

  it('refuses to resume where there is no run', async () => {
    const parent = emptyFolder('resume');
    const missing = await train(join(parent, 'run'), '--resume');
    expect(expectFailure(missing, 'CHECKPOINT_INVALID', 5)).toContain('there is no such file');
    expect(readdirSync(parent)).toEqual([]);
  });

  it('on a full disk keeps the old checkpoint and model byte for byte; refuses half a checkpoint; goes on from a whole one', async () => {
    const out = cleared('full-disk');
    await interruptedRun(out);
    const kept = ['checkpoint.safetensors', 'model.onnx'];
    const before = kept.map((name) => bytes(join(out, name)));
    const full = await countersign(trainArgs(data, out, '--resume'), { fileSizeLimitKiB: 64 });
    expect(expectFailure(full, 'WRITE_FAILED', 6)).toContain('EFBIG');
    expect(kept.map((name) => bytes(join(out, name)))).toEqual(before);
    expect(readdirSync(out).sort()).toEqual([...kept, 'run.json']);

    const [checkpoint] = before as [Buffer];
    const record = bytes(join(out, 'run.json'));
    const half = checkpoint.subarray(0, checkpoint.length / 2);
    writeFileSync(join(out, kept[0]!), half);
    expectFailure(await train(out, '--resume'), 'CHECKPOINT_INVALID', 5);
    expect([...kept, 'run.json'].map((name) => bytes(join(out, name)))).toEqual([half, before[1], record]);

    writeFileSync(join(out, kept[0]!), checkpoint);
    const { exitCode, stderr } = await train(out, '--resume');
    expect(exitCode, stderr).toBe(0);
    expect(bytes(join(out, kept[0]!)).equals(checkpoint)).toBe(false);
  });

  /** A run of the same configuration as the command line's, stopped after its first checkpoint and model. */
  async function interruptedRun(out: string): Promise<void> {
    const run = runTraining({
      config: tinyConfig,
      data: [data],
      init: weights,
      out,
      listener: {
        onStep: ({ step }) => {
          if (step === 3) throw new Error('stopped by the test');
        },
      },
    });
    await expect(run).rejects.toThrow('stopped by the test');
    expect(readdirSync(out).sort()).toEqual(['checkpoint.safetensors', 'model.onnx', 'run.json']);
  }
});

describe.concurrent('countersign evaluate', () => {
  const evaluate = (...args: string[]) => countersign(['evaluate', '--model', model, '--data', data, ...args]);

  it('prints its report as text, as JSON, and writes it as JSON and as a page', async () => {
    const out = cleared('report');
    const asJson = await evaluate('--json', '--out', out);
    expect(asJson.exitCode, asJson.stderr).toBe(0);
    const report = JSON.parse(asJson.stdout);
    expect(report).toMatchObject({
      schema: 'countersign/evaluation@1',
      protocol: 'all',
      dataset: 'signatures',
      counts: { writers: 6, genuineSamples: 24, forgedSamples: 18, genuinePairs: 36, skilledPairs: 72 },
    });
    expect(readdirSync(out).sort()).toEqual(['report.html', 'report.json']);
    expect(JSON.parse(bytes(join(out, 'report.json')).toString())).toEqual(report);
    expect(report.provenance).toMatchObject({
      command: expect.stringMatching(/^countersign evaluate --model /),
      seed: 1,
    });
    const page = bytes(join(out, 'report.html')).toString();
    expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/);
    const { falseAccepts, falseRejections } = report.worst;
    expect(page.split('src="data:image/png;base64,')).toHaveLength(
      2 * (falseAccepts.length + falseRejections.length) + 1,
    );
    const asText = await evaluate('--seed', '1');
    expect(asText.exitCode).toBe(0);
    expect(asText.stdout).toContain('6 writers, 24 genuine signatures, 18 skilled forgeries');
  });

  it('leaves pictures out, draws the page again from its JSON, and makes a card of the model', async () => {
    const out = cleared('without-pictures');
    expect((await evaluate('--out', out, '--no-pictures', '--no-probe')).exitCode).toBe(0);
    const page = bytes(join(out, 'report.html'));
    expect(page.toString()).not.toContain('data:image');
    const [json, again] = [join(out, 'report.json'), join(out, 'again.html')];
    expect(await countersign(['report', json, '--out', again])).toMatchObject({ exitCode: 0, stdout: `${again}\n` });
    expect(bytes(again)).toEqual(page);
    const card = await countersign(['model-card', model, '--report', json, '--source', 'random=drawn for a test']);
    expect(card.exitCode, card.stderr).toBe(0);
    expect(card.stdout).toMatch(/^# Model card: tiny-[0-9a-f]{12}\n/);
    expect(card.stdout).toContain('| initial weights: random | | drawn for a test |');
    expect(card.stdout).toContain('signatures, all (6 writers)');
  });

  it('refuses a broken report, one of another model, and to write over a report', async () => {
    const out = emptyFolder('reports');
    const broken = join(out, 'broken.json');
    writeFileSync(broken, '{"schema": "countersign/evaluation@1"}');
    const page = await countersign(['report', broken]);
    expect(expectFailure(page, 'REPORT_INVALID', 4)).toContain('protocol: Invalid input');
    expectFailure(await countersign(['model-card', model, '--report', broken]), 'REPORT_INVALID', 4);
    expectFailure(await countersign(['report', broken, '--out', broken]), 'INVALID_ARGUMENT', 2);
    expectFailure(await countersign(['model-card', model, '--source', 'nothing']), 'INVALID_ARGUMENT', 2);
    const other = at('other.onnx');
    writeTinyModel(other, 0.02);
    const evaluated = await evaluate('--out', join(out, 'mine'), '--no-pictures', '--no-probe');
    expect(evaluated.exitCode).toBe(0);
    const foreign = await countersign(['model-card', other, '--report', join(out, 'mine', 'report.json')]);
    expect(expectFailure(foreign, 'INVALID_ARGUMENT', 2)).toContain('Expected reports of tiny-');
    expect(readdirSync(out).sort()).toEqual(['broken.json', 'mine']);
  });

  it('lists the protocols it knows, and refuses one of another data set', async () => {
    const unknown = expectFailure(await evaluate('--protocol', 'cedar'), 'PROTOCOL_UNKNOWN', 4);
    for (const name of ['cedar/published', 'bhsig260-hindi/published', 'sigcomp2009/half']) {
      expect(unknown).toContain(name);
    }
    const mismatch = expectFailure(await evaluate('--protocol', 'cedar/published'), 'PROTOCOL_MISMATCH', 4);
    expect(mismatch).toContain('is of the data set cedar; signatures came');
  });

  it('refuses to test writers that the model was trained on', async () => {
    const trained = at('trained.onnx');
    writeTinyModel(trained, 0.01, { datasets: ['signatures'] });
    const out = join(emptyFolder('seen-writers'), 'report');
    const refused = expectFailure(await evaluate('--model', trained, '--out', out), 'PROTOCOL_MISMATCH', 4);
    expect(refused).toMatch(/tiny-[0-9a-f]{12} learnt from signatures/);
    expect(readdirSync(at('seen-writers'))).toEqual([]);
  });

  it('takes a protocol of your own, and a model that kept its test writers out', async () => {
    const own = at('own-protocol.json');
    const document = {
      schema: 'countersign/protocol@1',
      name: 'signatures/mine',
      title: 'Three of six',
      dataset: 'signatures',
      testWriters: { select: 'random', count: 3, from: 6, seed: 4 },
      source: 'this test',
    };
    writeFileSync(own, JSON.stringify(document));
    const report = JSON.parse((await evaluate('--protocol', own, '--json')).stdout);
    expect(report).toMatchObject({ counts: { writers: 3, genuinePairs: 18 }, crossSet: true, input: 'as-prepared' });
    expect(report.protocol).toMatch(/^signatures\/mine#[0-9a-f]{12}$/);

    const trained = at('trained-apart.onnx');
    writeTinyModel(trained, 0.01, { datasets: ['signatures'], protocols: [report.protocol] });
    const apart = JSON.parse((await evaluate('--protocol', own, '--model', trained, '--json')).stdout);
    expect(apart).toMatchObject({ crossSet: false, learntFrom: ['signatures'] });
    writeFileSync(own, JSON.stringify({ ...document, testWriters: { ...document.testWriters, seed: 5 } }));
    expectFailure(await evaluate('--protocol', own, '--model', trained), 'PROTOCOL_MISMATCH', 4);
    writeFileSync(own, '{}');
    expectFailure(await evaluate('--protocol', own), 'PROTOCOL_INVALID', 4);
  });

  it('shows the model the shape only, where the protocol says so', async () => {
    const report = JSON.parse((await evaluate('--protocol', 'all/shape-only', '--json')).stdout);
    const whole = JSON.parse((await evaluate('--json')).stdout);
    expect(report).toMatchObject({ protocol: 'all/shape-only', input: 'shape-only', counts: whole.counts });
    expect(report.skilled.eer).not.toEqual(whole.skilled.eer);
  });

  it('leaves no half report on a full disk', async () => {
    const out = emptyFolder('full-report');
    const args = ['evaluate', '--model', model, '--data', data, '--out', out];
    expectFailure(await countersign(args, { fileSizeLimitKiB: 1 }), 'WRITE_FAILED', 6);
    expect(readdirSync(out)).toEqual([]);
  });
});

describe.concurrent('countersign protocols', () => {
  it('lists them with what P0 to P5 are, and prints one as a document that can be given back', async () => {
    const { stdout } = await countersign(['protocols']);
    for (const text of ['bhsig260-hindi/published', 'cedar/random@1', 'P0', 'P1', 'P2', 'P3', 'P4', 'P5']) {
      expect(stdout).toContain(text);
    }
    const file = at('printed-protocol.json');
    writeFileSync(file, (await countersign(['protocols', 'cedar/random@9/shape-only', '--json'])).stdout);
    const again = JSON.parse((await countersign(['protocols', file, '--json'])).stdout);
    expect(again).toMatchObject({ testWriters: { select: 'random', seed: 9 }, input: 'shape-only' });
    expectFailure(await countersign(['protocols', 'cedar']), 'PROTOCOL_UNKNOWN', 4);
  });
});

describe.concurrent('countersign summary', () => {
  it('sums up reports, and refuses what is none', async () => {
    const second = at('second-seed.onnx');
    writeTinyModel(second, 0.02);
    const reports = await Promise.all(
      [model, second].map(async (file, i) => {
        const out = at(`summed-${i}`);
        await countersign(['evaluate', '--model', file, '--data', data, '--no-probe', '--out', out]);
        return join(out, 'report.json');
      }),
    );
    const summary = JSON.parse((await countersign(['summary', ...reports, '--json'])).stdout);
    expect(summary.reports).toHaveLength(2);
    expect(summary.spread.eerSkilled.mean).toBeCloseTo(
      (summary.reports[0].eerSkilled + summary.reports[1].eerSkilled) / 2,
      12,
    );
    expect((await countersign(['summary', ...reports])).stdout).toContain('mean of 2');
    expectFailure(await countersign(['summary', model]), 'REPORT_INVALID', 4);
  });
});

describe.concurrent('countersign calibrate and operating-points', () => {
  const calibrate = (source: string, out: string, ...more: string[]) =>
    countersign(['calibrate', '--model', source, '--data', data, '--out', out, ...more]);

  it('writes a model that knows its writers, promises nothing from six of them, and is not tested on them', async () => {
    const out = join(emptyFolder('calibrated'), 'model.onnx');
    const { exitCode, stdout, stderr } = await calibrate(model, out, '--json');
    expect(exitCode, stderr).toBe(0);
    const { modelId, threshold, writers } = JSON.parse(stdout);
    expect(modelId).toMatch(/^tiny-[0-9a-f]{12}$/);
    expect(writers).toEqual([1, 2, 3, 4, 5, 6].map((n) => `signatures/w000${n}`));
    const verified = await countersign(['verify', '--model', out, '-r', signature, signature, '--json']);
    expect(JSON.parse(verified.stdout)).toMatchObject({
      decision: 'accept',
      threshold,
      modelId,
      thresholdSource: 'equal error rate on 6 calibration writers of signatures',
      logLikelihoodRatio: expect.any(Number),
    });
    const table = await countersign(['operating-points', '--model', out]);
    expect([table.exitCode, table.stderr]).toEqual([0, '']);
    expect(table.stdout.match(/from 6 calibration writers; at least 20 are needed/g)).toHaveLength(6);
    const more = await countersign(['operating-points', '--model', out, '--references', '99']);
    expect(more.stdout).toMatch(/, 99 references as calibrated for \d, fused by energy$/m);
    const asked = await countersign(['verify', '--model', out, '-r', signature, signature, '--far', '5%']);
    expect(expectFailure(asked, 'TARGET_UNSUPPORTED', 5)).toContain('with one reference cannot be promised from 6');
    const tested = await countersign(['evaluate', '--model', out, '--data', data]);
    expect(expectFailure(tested, 'PROTOCOL_MISMATCH', 4)).toContain('was fixed on 6 of the writers to test');
    const drawn = await calibrate(model, at('calibrated', 'drawn.onnx'), '--writers', '3', '--json');
    expect(JSON.parse(drawn.stdout).writers).toHaveLength(3);
  });

  it('refuses writers that the model learnt from, the model itself as output, and a full disk; leaves nothing', async () => {
    const trained = at('learnt.onnx');
    writeTinyModel(trained, 0.01, { datasets: ['signatures'] });
    const parent = emptyFolder('not-calibrated');
    const out = join(parent, 'model.onnx');
    expect(expectFailure(await calibrate(trained, out), 'PROTOCOL_MISMATCH', 4)).toContain('learnt from signatures');
    expectFailure(await calibrate(trained, trained), 'INVALID_ARGUMENT', 2);
    const args = ['calibrate', '--model', model, '--data', data, '--out', out];
    expectFailure(await countersign(args, { fileSizeLimitKiB: 1 }), 'WRITE_FAILED', 6);
    expect(readdirSync(parent)).toEqual([]);
  });

  it('refuses rates that are none, and a model without calibration', async () => {
    const rate = await countersign(['operating-points', '--model', model, '--far', '120%']);
    expect(expectFailure(rate, 'INVALID_ARGUMENT', 2)).toContain('--far: expected a rate like 1% or 0.01');
    expectFailure(await countersign(['operating-points', '--model', model]), 'TARGET_UNSUPPORTED', 5);
  });
});

describe.concurrent('countersign promise', () => {
  it('splits unseen writers and says what was kept', async () => {
    const args = ['promise', '--model', model, '--data', data, '--no-cache', '--splits', '2'];
    const { exitCode, stdout, stderr } = await countersign(args);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain('2 random splits: thresholds from 3 writers, tested on 3, the others');
    expect(stdout).toMatch(/^Cllr \d/m);
  });

  it('refuses to test on the set that it calibrates on, and a number of references that has no fit', async () => {
    const args = ['promise', '--model', model, '--data', data, '--splits', '1'];
    const same = expectFailure(await countersign([...args, '--test-data', data]), 'PROTOCOL_MISMATCH', 4);
    expect(same).toContain('6 of the writers to test are those to calibrate on');
    expectFailure(await countersign([...args, '--references', '4']), 'INVALID_ARGUMENT', 2);
    const ten = expectFailure(await countersign([...args, '--references', '10']), 'DATASET_TOO_FEW_SAMPLES', 4);
    expect(ten).toContain('more than 10 genuine signatures');
  });
});

describe.concurrent('countersign synthesize', () => {
  const synthesize = (out: string, ...more: string[]) =>
    countersign(['synthesize', '--out', out, '--writers', '2', '--genuine', '2', '--forged', '1', ...more]);
  const images = (root: string) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.png'))
      .sort()
      .map((name) => [name, bytes(join(root, name)).toString('base64')]);

  it('makes the same files from the same seed, byte for byte', async () => {
    const parent = emptyFolder('synthesized');
    const { exitCode, stdout, stderr } = await synthesize(join(parent, 'a'), '--seed', '7');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('2 writers, 4 genuine signatures, 2 skilled forgeries');
    await synthesizeDataset(join(parent, 'b'), { writers: 2, genuine: 2, forged: 1, seed: 7 });
    await synthesizeDataset(join(parent, 'c'), { writers: 2, genuine: 2, forged: 1, seed: 8 });
    expect(readdirSync(parent).sort()).toEqual(['a', 'b', 'c']);
    expect(images(join(parent, 'a'))).toHaveLength(6);
    expect(images(join(parent, 'a'))).toEqual(images(join(parent, 'b')));
    expect(images(join(parent, 'a'))).not.toEqual(images(join(parent, 'c')));
  });

  it('refuses a folder that holds something, numbers out of range and a full disk; leaves nothing', async () => {
    const occupied = emptyFolder('occupied');
    writeFileSync(join(occupied, 'mine.txt'), 'mine');
    expect(expectFailure(await synthesize(occupied), 'INVALID_ARGUMENT', 2)).toContain('is not empty');
    expect(readdirSync(occupied)).toEqual(['mine.txt']);

    const parent = emptyFolder('not-synthesized');
    const out = join(parent, 'writers');
    const none = expectFailure(await synthesize(out, '--writers', '0'), 'INVALID_ARGUMENT', 2);
    expect(none).toContain('--writers: expected at least 1; 0 came.');
    const unsaid = expectFailure(await countersign(['synthesize', '--out', out]), 'INVALID_ARGUMENT', 2);
    expect(unsaid).toContain('--writers: expected a number; nothing came.');
    const args = ['synthesize', '--out', out, '--writers', '1', '--genuine', '2'];
    expectFailure(await countersign(args, { fileSizeLimitKiB: 1 }), 'WRITE_FAILED', 6);
    expect(readdirSync(parent)).toEqual([]);
  });
});

describe.concurrent('countersign import-weights', () => {
  /** A layers-model with the two layers that MobileNet V2 is recognised by. */
  const layersModel = (paths: string[]) =>
    JSON.stringify({
      weightsManifest: [
        {
          paths,
          weights: [
            { name: 'Conv1/kernel', shape: [3, 3, 3, 4], dtype: 'float32' },
            { name: 'block_16_project/kernel', shape: [1, 1, 20, 20], dtype: 'float32' },
          ],
        },
      ],
    });
  const byteCount = (3 * 3 * 3 * 4 + 20 * 20) * 4;

  it('imports; refuses what is no layers-model, and leaves nothing', async () => {
    const source = emptyFolder('layers-model');
    const parent = emptyFolder('imported');
    const out = join(parent, 'weights.safetensors');
    const convert = (folder = source) => countersign(['import-weights', folder, '--out', out]);

    expect(expectFailure(await convert(at('nowhere')), 'MODEL_NOT_FOUND', 5)).toContain('nowhere/model.json');
    writeFileSync(join(source, 'model.json'), '{"format": "graph-model"}');
    expectFailure(await convert(), 'WEIGHTS_INVALID', 5);
    writeFileSync(join(source, 'model.json'), layersModel(['group1.bin']));
    writeFileSync(join(source, 'group1.bin'), new Uint8Array(byteCount - 4));
    expect(expectFailure(await convert(), 'WEIGHTS_INVALID', 5)).toContain(`expected ${byteCount} bytes`);
    writeFileSync(join(source, 'group1.bin'), new Uint8Array(byteCount));
    const full = await countersign(['import-weights', source, '--out', out], { fileSizeLimitKiB: 1 });
    expectFailure(full, 'WRITE_FAILED', 6);
    expect(readdirSync(parent)).toEqual([]);

    const { exitCode, stdout, stderr } = await convert();
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('mobilenet-v2, 2 tensors, 508 values');
  });
});

describe.concurrent('countersign demo', () => {
  it('refuses before it makes anything: a missing model, a folder that holds something', async () => {
    const parent = emptyFolder('demo');
    const missing = await countersign(['demo', '--out', join(parent, 'out'), '--init', at('missing.onnx')]);
    expectFailure(missing, 'MODEL_NOT_FOUND', 5);
    expect(readdirSync(parent)).toEqual([]);
    writeFileSync(join(parent, 'mine.txt'), 'mine');
    expectFailure(await countersign(['demo', '--out', parent, '--init', model]), 'INVALID_ARGUMENT', 2);
    expect(readdirSync(parent)).toEqual(['mine.txt']);
  });
});
