/** From a float model to one of 8-bit integers: `countersign quantize`, what it writes, and who may use it. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Rng } from '../src/core/rng.js';
import { loadPreprocessed } from '../src/data/cache.js';
import { openDataset } from '../src/data/open-dataset.js';
import { synthesizeDataset } from '../src/data/synthetic/synthesize-dataset.js';
import type { InkImage } from '../src/image/types.js';
import { decodeModel, decodeToTrain } from '../src/nn/model-file.js';
import { readModelMetadata } from '../src/nn/model-metadata.js';
import { buildNetwork, type EmbeddingNetwork, EQUALISED, HEAD_WEIGHT, type NetworkOptions } from '../src/nn/network.js';
import { activationsToQuantize, quantizeNetwork } from '../src/nn/quantize.js';
import { dequantize, quantizeLayer } from '../src/nn/quantize-layer.js';
import { serialize } from '../src/nn/serialize.js';
import { randomWeights, type Weights } from '../src/nn/weights.js';
import { type FloatModel, fitQuantization } from '../src/runtime/fit-quantization.js';
import { integerProductsAreCut } from '../src/runtime/integer-products.js';
import { WorkerPool } from '../src/runtime/pool.js';
import { openSession } from '../src/runtime/session.js';
import { countersign, expectFailure } from './command-line.js';
import { embed } from './look-closer.js';
import { TINY_FLAGS, tinyConfig, writeTinyModel, writeTinyWeights } from './tiny-network.js';

vi.setConfig({ testTimeout: 180_000 });

const folder = mkdtempSync(join(tmpdir(), 'countersign-quantize-'));
const at = (name: string) => join(folder, name);
const data = at('signatures');
const model = at('tiny.onnx');
const quantized = at('tiny-int8.onnx');
const quantize = (...flags: string[]) => countersign(['quantize', '--model', model, '--data', data, ...flags]);
let printed: Record<string, unknown>;
let images: readonly InkImage[];
let pool: WorkerPool;

beforeAll(async () => {
  await synthesizeDataset(data, { writers: 4, genuine: 4, forged: 3, seed: 9 });
  writeTinyModel(model, 0.8);
  const { stdout, stderr, exitCode } = await quantize('--images', '16', '--out', quantized, '--no-cache', '--json');
  expect(exitCode, stderr).toBe(0);
  printed = JSON.parse(stdout);
  const { samples } = await openDataset(data);
  ({ images } = await loadPreprocessed(samples, tinyConfig.preprocess, { cacheDir: null }));
  pool = new WorkerPool(2);
}, 180_000);
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

const source = () => decodeModel(readFileSync(model));
const build = (): EmbeddingNetwork =>
  buildNetwork(tinyConfig.architecture, { batch: 1, ...tinyConfig.preprocess.canvas });

/** Of each row with the same row of the other. */
function cosines(a: Float32Array, b: Float32Array, dimension: number): number[] {
  return Array.from({ length: a.length / dimension }, (_, n) =>
    a.subarray(n * dimension, (n + 1) * dimension).reduce((sum, value, i) => sum + value * b[n * dimension + i]!, 0),
  );
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a quantised model', () => {
  it('says what it was made from, keeps everything else of its source, and is smaller', () => {
    const { id, quantization, ...rest } = readModelMetadata(readFileSync(quantized));
    const { id: sourceId, ...facts } = readModelMetadata(readFileSync(model));
    expect(id).toMatch(/^tiny-int8-[0-9a-f]{12}$/);
    expect(quantization).toMatchObject({ model: sourceId, dataset: 'signatures', protocol: null, images: 16, seed: 1 });
    expect(rest).toEqual(facts);
    expect(printed).toEqual({
      modelId: id,
      file: quantized,
      bytes: statSync(quantized).size,
      sourceBytes: statSync(model).size,
      images: 16,
      leftOut: [],
    });
    expect(statSync(quantized).size).toBeLessThan(0.75 * statSync(model).size);
  });

  it('embeds as its source does', async () => {
    const { embeddingSize } = tinyConfig.architecture;
    const similar = cosines(await embed(model, images), await embed(quantized, images), embeddingSize);
    expect(mean(similar)).toBeGreaterThan(0.985);
    expect(Math.min(...similar)).toBeGreaterThan(0.95);
  });

  it('keeps the radius of its source as floats, in one view and in two', async () => {
    const { embeddingSize } = tinyConfig.architecture;
    for (const views of [1, 2] as const) {
      const [float, small] = [at(`radius-${views}.onnx`), at(`radius-${views}-int8.onnx`)];
      writeTinyModel(float, 0.8, {}, { radius: true, views });
      const made = await countersign(['quantize', '--model', float, '--data', data, '--images', '16', '--out', small]);
      expect(made.exitCode, made.stderr).toBe(0);
      const [before, after] = [decodeModel(readFileSync(float)), decodeToTrain(readFileSync(small))];
      for (const name of ['head.radius.weight', 'head.radius.bias'])
        expect(after.weights.get(name)).toEqual(before.weights.get(name));
      const [slope, offset] = ['weight', 'bias'].map((name) => before.weights.get(`head.radius.${name}`)!.data);
      const rows = await embed(small, images);
      for (let at = 0; at < rows.length; at += embeddingSize) {
        const view = rows.subarray(at, at + embeddingSize).map((value) => value * Math.sqrt(views));
        const norm = Math.hypot(...view);
        const u = [...view].map((value) => value / norm);
        const along = u.reduce((sum, value, k) => sum + value * slope![k]!, 0);
        expect(norm).toBeCloseTo(Math.exp(Math.sqrt(embeddingSize) * along + offset![0]!), 4);
      }
    }
  });

  it('is drawn by its seed', async () => {
    const again = at('again.onnx');
    const other = at('other-seed.onnx');
    await quantize('--images', '16', '--out', again);
    await quantize('--images', '16', '--seed', '2', '--out', other);
    expect(readFileSync(again).equals(readFileSync(quantized))).toBe(true);
    expect(readFileSync(other).equals(readFileSync(quantized))).toBe(false);
  });

  it('verifies', async () => {
    const signature = join(data, 'w0001', 'genuine', '001.png');
    const args = ['verify', '--model', quantized, '-r', signature, signature, '--json'];
    const { exitCode, stdout, stderr } = await countersign(args);
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ decision: 'accept', threshold: 0.8 });
  });

  it('is trained on from, its weights off by half a step at most but for biases and head, which were corrected', async () => {
    const before = source();
    const { weights } = decodeToTrain(readFileSync(quantized));
    expect([...weights.keys()]).toEqual([...before.weights.keys()]);
    for (const [name, { shape, data }] of weights) {
      const original = before.weights.get(name)!;
      expect(shape).toEqual(original.shape);
      if (shape.length === 1 || name === HEAD_WEIGHT) continue;
      const size = data.length / shape[0]!;
      for (let o = 0; o < shape[0]!; o++) {
        const channel = original.data.subarray(o * size, (o + 1) * size);
        const step = Math.max(...channel.map(Math.abs)) / 127;
        const off = Math.max(...channel.map((value, i) => Math.abs(value - data[o * size + i]!)));
        expect(off).toBeLessThanOrEqual(0.501 * step);
      }
    }
    const [others, out] = [at('others'), at('run')];
    cpSync(data, others, { recursive: true });
    const train = ['train', '--data', others, '--init', quantized, '--out', out, '--no-cache', ...TINY_FLAGS];
    const { exitCode, stderr } = await countersign(train);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toContain('its head is left out');
    const { ancestry } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'));
    expect(ancestry).toContainEqual({ dataset: 'signatures', protocol: null });
  });

  it('is not quantised again', async () => {
    const twice = await countersign(['quantize', '--model', quantized, '--data', data, '--out', at('twice.onnx')]);
    const refused = expectFailure(twice, 'MODEL_INVALID', 5);
    expect(refused).toContain(`${quantized}: Expected a model of float weights; tiny-int8-`);
    expect(refused).toContain(source().metadata.id);
    expect(existsSync(at('twice.onnx'))).toBe(false);
  });

  it('is not tested on the writers that it was fitted on', async () => {
    const refused = await countersign(['evaluate', '--data', data, '--model', quantized]);
    expect(expectFailure(refused, 'PROTOCOL_MISMATCH', 4)).toContain('learnt from signatures');
  });
});

describe('countersign quantize', () => {
  it.each([
    [['--images', '0'], '--images: expected a whole number from 1 up; 0 came.'],
    [['--out', model], `Expected another file for --out; ${model} is the model itself.`],
  ])('refuses %j', async (flags, reason) => {
    const before = readFileSync(model);
    const outcome = await quantize('--out', at('never.onnx'), ...flags);
    expect(expectFailure(outcome, 'INVALID_ARGUMENT', 2)).toContain(reason);
    expect([existsSync(at('never.onnx')), readFileSync(model).equals(before)]).toEqual([false, true]);
  });

  it('refuses a missing model, weights without a model, and a list of another data set', async () => {
    const out = ['--out', at('never.onnx')];
    const [weights, missing] = [at('weights.safetensors'), at('missing.onnx')];
    writeTinyWeights(weights);
    expectFailure(await quantize('--model', missing, ...out), 'MODEL_NOT_FOUND', 5);
    expect(expectFailure(await quantize('--model', weights, ...out), 'MODEL_INVALID', 5)).toContain(weights);
    expectFailure(await quantize('--protocol', 'cedar/published', ...out), 'PROTOCOL_MISMATCH', 4);
    expect(existsSync(at('never.onnx'))).toBe(false);
  });
});

describe('fitQuantization', () => {
  it('finds the ranges that the images have', async () => {
    const faint = images.map((image) => ({ ...image, data: image.data.map((value) => value / 4) }));
    const [dark, light] = [await fitQuantization(pool, source(), images), await fitQuantization(pool, source(), faint)];
    const first = activationsToQuantize(build().graph)[0]!.name; // biases are 0: it grows with the ink
    expect(dark.ranges.get(first)!.max).toBeGreaterThan(3 * light.ranges.get(first)!.max);
    expect(light.ranges.get(first)!.max).toBeGreaterThan(0);
  });

  it('gives the same bits on one worker as on two', async () => {
    const one = new WorkerPool(1);
    const fit = await fitQuantization(one, source(), images.slice(0, 9));
    await one.close();
    expect(await fitQuantization(pool, source(), images.slice(0, 9))).toEqual(fit);
  });

  it('takes ranges and errors of rounding as a naive loop finds them', async () => {
    const few = images.slice(0, 3);
    const { weights } = source();
    const fit = await fitQuantization(pool, source(), few);
    const { data: weight } = weights.get('Conv1.weight')!; // [8, 1, 3, 3]
    const { data: bias } = weights.get('Conv1.bias')!;
    const rounded = dequantize(quantizeLayer(weight, bias, 1 / 255).weight);
    const largest = few.map((image) =>
      Math.max(...Array.from(bias, (b, o) => Math.max(...convolve(image, weight.subarray(9 * o, 9 * o + 9), b)))),
    );
    const first = activationsToQuantize(build().graph)[0]!.name;
    expect(fit.ranges.get(first)!.min).toBe(0);
    expect(fit.ranges.get(first)!.max).toBeCloseTo(mean(largest.map((value) => Math.min(6, value))), 5);
    bias.forEach((b, o) => {
      const change = weight.subarray(9 * o, 9 * o + 9).map((value, tap) => rounded[9 * o + tap]! - value);
      const error = mean(few.map((image) => mean(convolve(image, change, 0))));
      expect(fit.weights.get('Conv1.bias')!.data[o]).toBeCloseTo(b - error, 6);
    });
  });

  /** Embeddings of a float network and of the integer one that is made of it. */
  const bothOf = async ({ metadata, weights }: FloatModel) => {
    const { architecture, preprocess } = metadata;
    const network = (options?: NetworkOptions) =>
      buildNetwork(architecture, { batch: 1, ...preprocess.canvas }, options);
    const embed = async (embedding: EmbeddingNetwork, bound: Weights) => {
      const values = new Map([...bound].map(([name, { data }]) => [name, data]));
      const outputs = { embedding: embedding.embedding };
      const bytes = serialize(embedding.graph, { outputs, weights: values, symbolicBatch: true });
      return (await pool.run(await pool.open(bytes), { images, outputs: ['embedding'] })).embedding!.data;
    };
    const fit = await fitQuantization(pool, { metadata, weights }, images);
    const integers = quantizeNetwork(network(EQUALISED), fit.weights, fit.ranges);
    return { found: await embed(integers, new Map()), expected: await embed(network(), weights) };
  };

  it.each(['mobilenet-v1', 'mobilenet-v2'] as const)('serves %s', async (backbone) => {
    const architecture = { ...tinyConfig.architecture, backbone };
    const weights = randomWeights(architecture, new Rng(4));
    const { metadata } = source();
    const { found, expected } = await bothOf({ metadata: { ...metadata, architecture }, weights });
    expect(mean(cosines(found, expected, architecture.embeddingSize))).toBeGreaterThan(0.98);
  });

  it('keeps what a head reads loud that hardly differs: features of unlike sizes, and errors of rounding before them', async () => {
    const { metadata, weights } = source();
    // Every other feature a hundredth as large, around a mean of its own, its weights a hundred times as large.
    const weight = weights.get(HEAD_WEIGHT)!;
    const count = weight.shape[1]!;
    const project = 'block_16_project';
    const change = (name: string, by: (value: number, i: number) => number) => {
      const { shape, data } = weights.get(name)!;
      return [name, { shape, data: data.map(by) }] as const;
    };
    const channels = weights.get(`${project}.bias`)!.data.length;
    const regions = count / channels;
    const isSmall = (channel: number) => channel % 2 === 1;
    const per = weights.get(`${project}.weight`)!.data.length / channels;
    const uneven = new Map([
      ...weights,
      change(`${project}.weight`, (value, i) => (isSmall(Math.floor(i / per)) ? value / 100 : value)),
      change(`${project}.bias`, (value, channel) => (isSmall(channel) ? value / 100 + 2 : value)),
      change(HEAD_WEIGHT, (value, i) => (isSmall(Math.floor((i % count) / regions)) ? 100 * value : value)),
    ]);
    const { found, expected } = await bothOf({ metadata, weights: uneven });
    // Of how embeddings differ from image to image, so much is left.
    const { embeddingSize } = tinyConfig.architecture;
    const middle = Array.from({ length: embeddingSize }, (_, k) =>
      mean([...expected].filter((_, i) => i % embeddingSize === k)),
    );
    const lost = mean([...found].map((value, i) => (value - expected[i]!) ** 2));
    const spread = mean([...expected].map((value, i) => (value - middle[i % embeddingSize]!) ** 2));
    expect(lost / spread).toBeLessThan(0.2);
  });
});

/** One kernel of 3 x 3 at stride 2, padded with an odd row and column of zeros at the bottom and right. */
function convolve({ width, height, data }: InkImage, kernel: Float32Array, bias: number): number[] {
  const pixel = (row: number, column: number) =>
    row < height && column < width ? data[row * width + column]! / 255 : 0;
  return Array.from({ length: (height / 2) * (width / 2) }, (_, i) => {
    const [top, left] = [2 * Math.floor(i / (width / 2)), 2 * (i % (width / 2))];
    return kernel.reduce((sum, w, tap) => sum + w * pixel(top + Math.floor(tap / 3), left + (tap % 3)), bias);
  });
}

describe('integer products', () => {
  it('in the exact way of the runtime are those of the fast way, where that is exact', async () => {
    const feeds = {
      image: { data: Float32Array.from(images[0]!.data, (value) => value / 255), shape: [1, 1, 64, 96] },
    };
    const [fast, exact] = [await openSession(quantized), await openSession(quantized, { exactIntegers: true })];
    const [a, b] = [await fast.run(feeds), await exact.run(feeds)];
    await Promise.all([fast.close(), exact.close()]);
    if (!(await integerProductsAreCut(openSession))) expect(a.embedding!.data).toEqual(b.embedding!.data);
  });
});
