/** Networks of others: what they are fed is recomputed from the file's own pixels, what does not fit is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Rng } from '../src/core/rng.js';
import { openDataset } from '../src/data/open-dataset.js';
import { splitByProtocol } from '../src/data/splits.js';
import { synthesizeDataset } from '../src/data/synthetic/synthesize-dataset.js';
import { prepare } from '../src/image/prepare.js';
import { openForeignEmbedder } from '../src/runtime/foreign-embedder.js';
import type { Embedder } from '../src/runtime/types.js';
import { countersign, expectFailure } from './command-line.js';
import {
  type ForeignNetwork,
  foreignNetwork,
  halfFloatNetwork,
  pictureNetwork,
  siameseNetwork,
} from './foreign-networks.js';
import { temporaryFolder } from './temporary-folder.js';
import { writeTinyModel } from './tiny-network.js';

const [HEIGHT, WIDTH, DIMENSION] = [16, 24, 5];
const PIXELS = HEIGHT * WIDTH;
const rng = new Rng('foreign');

function network(shape: readonly number[], freeBatch = false): ForeignNetwork {
  const values = shape.slice(1).reduce((product, size) => product * size, 1) * DIMENSION;
  const matrix = Float32Array.from({ length: values }, () => rng.normal(0, 1 / 16));
  return { shape, matrix, dimension: DIMENSION, freeBatch };
}

/** Sum over the values of a picture, in the order they lie, of value times row of the matrix. */
function timesMatrix(values: readonly number[], { matrix }: ForeignNetwork): number[] {
  return Array.from({ length: DIMENSION }, (_, d) =>
    values.reduce((sum, value, i) => sum + value * matrix[i * DIMENSION + d]!, 0),
  );
}

async function opened(model: Uint8Array | string, adapter: object): Promise<Embedder> {
  const folder = await temporaryFolder({
    'vendor.onnx': model,
    'vendor.json': JSON.stringify({ schema: 'countersign/adapter@1', ...adapter }),
  });
  const embedder = await openForeignEmbedder(path.join(folder, 'vendor.onnx'), path.join(folder, 'vendor.json'));
  onTestFinished(() => embedder.close());
  return embedder;
}

/** Pictures of the network's own size, so that resizing leaves them alone. */
async function pictures(count: number): Promise<{ greys: Uint8Array[]; files: Buffer[] }> {
  const greys = Array.from({ length: count }, () => Uint8Array.from({ length: PIXELS }, () => rng.int(256)));
  const raw = { width: WIDTH, height: HEIGHT, channels: 1 as const };
  return { greys, files: await Promise.all(greys.map((grey) => sharp(grey, { raw }).png().toBuffer())) };
}

async function embedded(embedder: Embedder, files: readonly Buffer[]): Promise<number[][]> {
  const images = await Promise.all(files.map(async (file) => (await prepare(file, embedder.preparation)).ink));
  const rows = await embedder.embed(images);
  return images.map((_, i) => [...rows.subarray(i * DIMENSION, (i + 1) * DIMENSION)]);
}

/** Rounding of float32 against the length of the vector. */
function expectNear(actual: readonly number[][], expected: readonly number[][]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((row, i) => {
    const difference = row.map((value, d) => value - expected[i]![d]!);
    expect(Math.hypot(...difference) / Math.hypot(...expected[i]!)).toBeLessThan(1e-5);
  });
}

describe('a network of others', () => {
  it('gets colour planes behind each other, each with its mean and deviation', async () => {
    const vendor = network([2, 3, HEIGHT, WIDTH], true);
    const [mean, std] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ];
    const embedder = await opened(foreignNetwork(vendor), { input: { mean, std } });
    const { greys, files } = await pictures(19); // more than are embedded at once
    const expected = greys.map((grey) =>
      timesMatrix(
        [0, 1, 2].flatMap((c) => [...grey].map((g) => (g / 255 - mean[c]!) / std[c]!)),
        vendor,
      ),
    );
    expect(embedder).toMatchObject({ dimension: DIMENSION, distance: 'euclidean', metadata: null });
    expectNear(await embedded(embedder, files), expected);
  });

  it('gets colours side by side, one image at a time, and its vectors made unit ones, as the adapter says', async () => {
    const vendor = network([1, HEIGHT, WIDTH, 3]);
    const embedder = await opened(foreignNetwork(vendor), {
      input: { layout: 'NHWC', range: [-1, 1] },
      output: { name: 'features', normalise: true },
      distance: 'cosine',
    });
    const { greys, files } = await pictures(3);
    const expected = greys.map((grey) => {
      const row = timesMatrix(
        [...grey].flatMap((g) => [g / 127.5 - 1, g / 127.5 - 1, g / 127.5 - 1]),
        vendor,
      );
      return row.map((value) => value / Math.hypot(...row));
    });
    expect(embedder.distance).toBe('cosine');
    expectNear(await embedded(embedder, files), expected);
  });

  it('gets the negative where ink is light, and a batch filled up where it takes several', async () => {
    const vendor = network([4, 1, HEIGHT, WIDTH]);
    const embedder = await opened(foreignNetwork(vendor), { input: { ink: 'light', range: [0, 255] } });
    const { greys, files } = await pictures(6);
    expectNear(
      await embedded(embedder, files),
      greys.map((grey) =>
        timesMatrix(
          [...grey].map((g) => 255 - g),
          vendor,
        ),
      ),
    );
  });

  it('is another model under another adapter', async () => {
    const model = foreignNetwork(network([1, 1, HEIGHT, WIDTH]));
    const ids = [await opened(model, {}), await opened(model, {}), await opened(model, { distance: 'manhattan' })];
    expect(ids[0]!.modelId).toMatch(/^vendor-[0-9a-f]{12}$/);
    expect(ids[1]!.modelId).toBe(ids[0]!.modelId);
    expect(ids[2]!.modelId).not.toBe(ids[0]!.modelId);
  });

  const plain = foreignNetwork(network([1, 1, HEIGHT, WIDTH]));
  it.each<[string, Uint8Array | string, object, string, RegExp]>([
    ['a text file', 'no model', {}, 'MODEL_INVALID', /damaged or not ONNX/],
    ['two inputs', siameseNetwork(), {}, 'MODEL_INVALID', /takes 2 inputs \(left, right\).*countersign judge/],
    [
      'a score',
      foreignNetwork({ shape: [1, 1, 16, 24], matrix: new Float32Array(PIXELS), dimension: 1 }),
      {},
      'MODEL_INVALID',
      /one number an image, a score.*countersign judge/,
    ],
    ['a picture', pictureNetwork(), {}, 'MODEL_INVALID', /map is \[1, 1, 16, 24\], not one vector/],
    ['half floats', halfFloatNetwork(), {}, 'MODEL_INVALID', /output embedding is float16, and only float32/],
    ['an unknown key', plain, { inputs: {} }, 'ADAPTER_INVALID', /Unrecognized key: "inputs"/],
    ['an unknown input', plain, { input: { name: 'image' } }, 'ADAPTER_INVALID', /input.name is image, but .* picture/],
    ['an unknown output', plain, { output: { name: 'out' } }, 'ADAPTER_INVALID', /output.name is out, but .* features/],
    [
      'another size',
      plain,
      { input: { width: 32 } },
      'ADAPTER_INVALID',
      /width is 32, but .* \[1, 1, 16, 24\], read as NCHW/,
    ],
    ['another layout', plain, { input: { layout: 'NHWC' } }, 'ADAPTER_INVALID', /24 channels; expected 1 or 3/],
    ['a mean too many', plain, { input: { mean: [0, 0, 0] } }, 'ADAPTER_INVALID', /mean has 3 numbers for 1 channels/],
    ['a flat range', plain, { input: { range: [1, 1] } }, 'ADAPTER_INVALID', /black and white/],
    [
      'a batch that it does not take',
      plain,
      { input: { batch: 2 } },
      'ADAPTER_INVALID',
      /batch is 2, but the model takes \[1, 1, 16, 24\]/,
    ],
  ])('is refused for %s', async (_, model, adapter, code, message) => {
    await expect(opened(model, adapter)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is refused where it is one of ours, whose record of training an adapter would pass over', async () => {
    const folder = await temporaryFolder({
      'adapter.json': '{"schema":"countersign/adapter@1"}',
      'none.json': 'no JSON',
    });
    const at = (name: string) => path.join(folder, name);
    writeTinyModel(at('ours.onnx'), 1);
    const refused = (model: string, adapter: string) => expect(openForeignEmbedder(at(model), at(adapter))).rejects;
    await refused('ours.onnx', 'adapter.json').toMatchObject({ code: 'ADAPTER_INVALID' });
    await refused('ours.onnx', 'none.json').toMatchObject({ message: expect.stringContaining('is not JSON') });
    await refused('ours.onnx', 'missing.json').toMatchObject({ message: expect.stringContaining('ENOENT') });
    await refused('missing.onnx', 'adapter.json').toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});

describe('countersign evaluate --adapter', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-foreign-'));
  const at = (name: string) => path.join(folder, name);
  const evaluate = (...more: string[]) =>
    countersign([
      ...['evaluate', '--data', at('signatures'), '--model', at('vendor.onnx'), '--adapter', at('vendor.json')],
      ...['--no-cache', '--no-probe', '--json', ...more],
    ]);

  beforeAll(async () => {
    await synthesizeDataset(at('signatures'), { writers: 6, genuine: 4, forged: 3, seed: 5 });
    writeFileSync(at('vendor.onnx'), foreignNetwork(network([2, 1, HEIGHT, WIDTH], true)));
    const adapter = { schema: 'countersign/adapter@1', picture: { resize: 'fit' }, distance: 'manhattan' };
    writeFileSync(at('vendor.json'), JSON.stringify(adapter));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Distances by the definition, genuine-genuine and genuine-forged, of the writers asked for. */
  async function naiveDistances(isAsked: (writer: string) => boolean) {
    const embedder = await openForeignEmbedder(at('vendor.onnx'), at('vendor.json'));
    onTestFinished(() => embedder.close());
    const { samples } = await openDataset(at('signatures'));
    const asked = samples.filter(({ writer }) => isAsked(writer));
    const files = asked.map((sample) => readFileSync(sample.path));
    const rows = await embedded(embedder, files);
    const found: Record<'genuine' | 'forged', number[]> = { genuine: [], forged: [] };
    asked.forEach((a, i) => {
      asked.forEach((b, j) => {
        if (a.writer !== b.writer || a.kind !== 'genuine' || (b.kind === 'genuine' && j <= i)) return;
        found[b.kind].push(rows[i]!.reduce((sum, value, d) => sum + Math.abs(value - rows[j]![d]!), 0));
      });
    });
    return found;
  }
  const rates = ({ genuine, forged }: Record<'genuine' | 'forged', number[]>, threshold: number) => ({
    far: forged.filter((d) => d <= threshold).length / forged.length,
    frr: genuine.filter((d) => d > threshold).length / genuine.length,
  });

  it('fixes threshold and similarity on writers that it does not test, and says on whom', async () => {
    const { exitCode, stdout, stderr } = await evaluate('--calibration-writers', '2', '--seed', '3');
    expect(exitCode, stderr).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      protocol: 'all but 2 writers',
      learntFrom: null,
      crossSet: null,
      modelId: expect.stringMatching(/^vendor-/),
      distance: 'manhattan',
      counts: { writers: 4, genuinePairs: 4 * 6, skilledPairs: 4 * 12 },
      threshold: { source: 'equal error rate on 2 writers of signatures that are not tested, drawn by seed 3' },
      calibration: { cllr: expect.any(Number) },
      leak: null,
    });
    const held = { validationWriters: 2, seed: 3 };
    const { validation } = splitByProtocol(await openDataset(at('signatures')), undefined, held);
    const calibration = new Set(validation.samples.map(({ writer }) => writer));
    const threshold = report.threshold.value;
    const onTested = rates(await naiveDistances((writer) => !calibration.has(writer)), threshold);
    expect(report.skilled.far.value).toBeCloseTo(onTested.far, 12);
    expect(report.skilled.frr.value).toBeCloseTo(onTested.frr, 12);
    const distances = await naiveDistances((writer) => calibration.has(writer));
    const gap = (at: number) => Math.abs(rates(distances, at).far - rates(distances, at).frr);
    const least = Math.min(...[...distances.genuine, ...distances.forged].map(gap));
    expect(gap(threshold)).toBeCloseTo(least, 12);
  });

  it('takes a threshold instead, tests all writers, and then has no similarity to judge', async () => {
    const report = JSON.parse((await evaluate('--threshold', '1.5')).stdout);
    expect(report).toMatchObject({
      protocol: 'all',
      counts: { writers: 6 },
      threshold: { value: 1.5, source: 'given by the caller' },
      calibration: null,
    });
  });

  it.each([
    [['--calibration-writers', '6'], 'DATASET_TOO_FEW_WRITERS', 4, 'all of them would be held out'],
    [['--calibration-writers', '7'], 'DATASET_TOO_FEW_WRITERS', 4, '6 are left'],
    [['--calibration-writers', '2', '--threshold', '1'], 'INVALID_ARGUMENT', 2, 'without --threshold'],
    [['--calibration-writers', '2', '--protocol', 'all/shape-only'], 'PROTOCOL_MISMATCH', 4, 'picture.feed'],
    [['--adapter', 'missing.json'], 'ADAPTER_INVALID', 5, 'missing.json'],
  ] as const)('refuses %j', async (flags, code, exitCode, message) => {
    const refused = await evaluate(...flags);
    expect(JSON.parse(refused.stdout).error.code).toBe(code);
    expect(expectFailure({ ...refused, stdout: '' }, code, exitCode)).toContain(message);
  });
});
