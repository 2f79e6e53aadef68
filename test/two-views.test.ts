/** Models that look at each image twice: what they give, as floats and as integers, and what reads them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPreprocessed } from '../src/data/cache.js';
import { openDataset } from '../src/data/open-dataset.js';
import { synthesizeDataset } from '../src/data/synthetic/synthesize-dataset.js';
import type { InkImage } from '../src/image/types.js';
import { seenIn, TWO_VIEWS } from '../src/image/views.js';
import { decodeModel, replaceFacts } from '../src/nn/model-file.js';
import { modelMetadataSchema, readModelMetadata } from '../src/nn/model-metadata.js';
import { countersign } from './command-line.js';
import { closer, embed, largestDifference, sideBySide, speckled } from './look-closer.js';
import { TINY_FLAGS, tinyConfig, writeTinyModel, writeTinyWeights } from './tiny-network.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-views-'));
const at = (name: string) => join(folder, name);
const [data, one, two, large] = [at('signatures'), at('one.onnx'), at('two.onnx'), at('large.onnx')] as const;
const D = tinyConfig.architecture.embeddingSize;
/** 1.5 times of which is no whole number. */
const ODD = { height: 65, width: 97 };
let images: readonly InkImage[];

const quantize = async (model: string, out: string) => {
  const flags = ['--data', data, '--images', '16', '--out', out, '--no-cache'];
  const { exitCode, stderr } = await countersign(['quantize', '--model', model, ...flags]);
  expect(exitCode, stderr).toBe(0);
};

beforeAll(async () => {
  await synthesizeDataset(data, { writers: 6, genuine: 4, forged: 3, seed: 9 });
  writeTinyModel(one, 0.8);
  writeTinyModel(two, 0.8, {}, { views: 2 });
  const { height, width } = tinyConfig.preprocess.canvas;
  writeTinyModel(large, 0.8, {}, { canvas: { height: 1.5 * height, width: 1.5 * width } });
  writeTinyModel(at('odd.onnx'), 0.8, {}, { canvas: ODD, views: 2 });
  writeTinyModel(at('odd-one.onnx'), 0.8, {}, { canvas: ODD });
  writeTinyModel(at('odd-large.onnx'), 0.8, {}, { canvas: { height: 97, width: 145 } });
  const { samples } = await openDataset(data);
  const prepared = await loadPreprocessed(samples.slice(0, 10), tinyConfig.preprocess, { cacheDir: null });
  images = prepared.images;
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The embeddings of each image and of its mirrored and enlarged one. */
async function ofBothViews(plain: string, enlarged: string, seen: readonly InkImage[]): Promise<Float32Array> {
  const mirrored = seen.map((image) => closer(image, { mirrored: true }));
  return sideBySide([await embed(plain, seen), await embed(enlarged, mirrored)], D);
}

/** Names of the tensors of several axes in a model file: kernels and matrices. */
function parametersIn(file: string): string[] {
  const { graph } = fromBinary(ModelProtoSchema, readFileSync(file));
  const names = graph!.initializer.filter(({ dims, name }) => dims.length > 1 && name.endsWith('.weight'));
  return names.map(({ name }) => name).sort();
}

describe('a model of two views', () => {
  it('gives the embeddings of both side by side, of norm 1', async () => {
    const embeddings = await embed(two, images);
    expect(embeddings).toHaveLength(images.length * 2 * D);
    expect(largestDifference(embeddings, await ofBothViews(one, large, images))).toBeLessThan(1e-5);
    const norm = Math.hypot(...embeddings.subarray(0, 2 * D));
    expect(norm).toBeCloseTo(1, 5);
  });

  it('enlarges a canvas whose size times 1.5 is not whole', async () => {
    const odd = speckled(ODD, 3);
    const expected = await ofBothViews(at('odd-one.onnx'), at('odd-large.onnx'), odd);
    expect(largestDifference(await embed(at('odd.onnx'), odd), expected)).toBeLessThan(1e-5);
    for (const image of [...odd, ...images]) {
      expect(seenIn(image, TWO_VIEWS[1]!)).toEqual(closer(image, { mirrored: true }));
    }
  });

  it('has the weights once, as floats and as integers', async () => {
    await quantize(one, at('one-int8.onnx'));
    await quantize(two, at('two-int8.onnx'));
    for (const suffix of ['', '-int8']) {
      const [single, double] = ['one', 'two'].map((name) => parametersIn(at(`${name}${suffix}.onnx`)));
      expect(double).toEqual(single);
      expect(new Set(double).size).toBe(double!.length);
    }
  });

  it('is another model, of the same weights', () => {
    const [a, b] = [one, two].map((file) => decodeModel(readFileSync(file)));
    expect(b!.metadata.id).not.toBe(a!.metadata.id);
    expect(b!.weights).toEqual(a!.weights);
  });

  it('is refused where the network has one view and the file says two', async () => {
    const { id: _id, schema: _schema, ...facts } = readModelMetadata(readFileSync(one));
    writeFileSync(at('wrong.onnx'), replaceFacts(readFileSync(one), { ...facts, views: 2 }));
    const message = expect.stringContaining('it gives embeddings of 16 numbers where its metadata says 32');
    await expect(embed(at('wrong.onnx'), images)).rejects.toMatchObject({ code: 'MODEL_INVALID', message });
  });

  it('is what a file that does not say has one of', () => {
    const { views: _views, ...facts } = readModelMetadata(readFileSync(one));
    expect(modelMetadataSchema.parse(facts).views).toBe(1);
  });

  it('is quantised as one of one view is', async () => {
    const { views, quantization } = readModelMetadata(readFileSync(at('two-int8.onnx')));
    expect({ views, model: quantization!.model }).toEqual({
      views: 2,
      model: readModelMetadata(readFileSync(two)).id,
    });
    const [floats, integers] = [await embed(two, images), await embed(at('two-int8.onnx'), images)];
    expect(integers).toHaveLength(floats.length);
    const cosines = images.map((_, n) => {
      const row = (values: Float32Array) => values.subarray(n * 2 * D, (n + 1) * 2 * D);
      return row(floats).reduce((sum, value, i) => sum + value * row(integers)[i]!, 0);
    });
    expect(Math.min(...cosines)).toBeGreaterThan(0.97);
  });

  it('comes with a training that is asked for it, with a threshold of its own, and verifies', async () => {
    writeTinyWeights(at('init.safetensors'));
    const flags = ['--init', at('init.safetensors'), '--out', at('run'), '--careful', '--no-cache', ...TINY_FLAGS];
    const { exitCode, stdout, stderr } = await countersign(['train', '--data', data, ...flags]);
    expect(exitCode, stderr).toBe(0);
    const [plain, careful] = ['model.onnx', 'careful.onnx'].map((file) =>
      decodeModel(readFileSync(join(at('run'), file))),
    );
    expect([plain!.metadata.views, careful!.metadata.views]).toEqual([1, 2]);
    expect(careful!.weights).toEqual(plain!.weights);
    expect(careful!.metadata.threshold.value).not.toBe(plain!.metadata.threshold.value);
    const record = JSON.parse(readFileSync(join(at('run'), 'run.json'), 'utf8'));
    expect(record.careful).toEqual({ eer: careful!.metadata.training.validationEer });
    expect(stdout).toMatch(/careful\.onnx: two views, EER [\d.]+ %/);

    const signature = join(data, 'w0001', 'genuine', '001.png');
    const verify = ['verify', '--model', join(at('run'), 'careful.onnx'), '-r', signature, signature, '--json'];
    const verified = await countersign(verify);
    expect(JSON.parse(verified.stdout)).toMatchObject({ decision: 'accept', distance: 0 });
  });
});
