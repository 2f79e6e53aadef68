/** Models that see each image four times: what they give, as floats and as integers, and what reads them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPreprocessed } from '../src/data/cache.js';
import { openDataset } from '../src/data/open-dataset.js';
import { synthesizeDataset } from '../src/data/synthetic/synthesize-dataset.js';
import type { InkImage } from '../src/image/types.js';
import { decodeModel, replaceFacts } from '../src/nn/model-file.js';
import { modelMetadataSchema, readModelMetadata } from '../src/nn/model-metadata.js';
import { openEmbedder } from '../src/runtime/model-embedder.js';
import { countersign } from './command-line.js';
import { TINY_FLAGS, tinyConfig, writeTinyModel, writeTinyWeights } from './tiny-network.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-views-'));
const at = (name: string) => join(folder, name);
const [data, one, four] = [at('signatures'), at('one.onnx'), at('four.onnx')] as const;
const D = tinyConfig.architecture.embeddingSize;
let images: readonly InkImage[];

const quantize = async (model: string, out: string) => {
  const flags = ['--data', data, '--images', '16', '--out', out, '--no-cache'];
  const { exitCode, stderr } = await countersign(['quantize', '--model', model, ...flags]);
  expect(exitCode, stderr).toBe(0);
};

async function embed(model: string, seen: readonly InkImage[]): Promise<Float32Array> {
  const embedder = await openEmbedder(model);
  try {
    return await embedder.embed(seen);
  } finally {
    await embedder.close();
  }
}

/** Pixel by pixel, without the code under test. */
function turned({ width, height, data: pixels }: InkImage, x: boolean, y: boolean): InkImage {
  const out = pixels.map((_, i) => {
    const [column, row] = [i % width, Math.floor(i / width)];
    return pixels[(y ? height - 1 - row : row) * width + (x ? width - 1 - column : column)]!;
  });
  return { width, height, data: out };
}

beforeAll(async () => {
  await synthesizeDataset(data, { writers: 6, genuine: 4, forged: 3, seed: 9 });
  writeTinyModel(one, 0.8);
  writeTinyModel(four, 0.8, {}, 4);
  const { samples } = await openDataset(data);
  const prepared = await loadPreprocessed(samples.slice(0, 10), tinyConfig.preprocess, { cacheDir: null });
  images = prepared.images;
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The embeddings of one view of each image and of its mirrored images, side by side and halved. */
async function sideBySide(model: string): Promise<Float32Array> {
  const views = await Promise.all(
    [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ].map(([x, y]) =>
      embed(
        model,
        images.map((image) => turned(image, x!, y!)),
      ),
    ),
  );
  return Float32Array.from({ length: images.length * 4 * D }, (_, i) => {
    const [image, column] = [Math.floor(i / (4 * D)), i % (4 * D)];
    return views[Math.floor(column / D)]![image * D + (column % D)]! / 2;
  });
}

const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe('a model of four views', () => {
  it('gives the embeddings of the four side by side, of norm 1', async () => {
    const embeddings = await embed(four, images);
    expect(embeddings).toHaveLength(images.length * 4 * D);
    expect(largestDifference(embeddings, await sideBySide(one))).toBeLessThan(1e-5);
    const norm = Math.hypot(...embeddings.subarray(0, 4 * D));
    expect(norm).toBeCloseTo(1, 5);
  });

  it('is another model, of the same weights', () => {
    const [a, b] = [one, four].map((file) => decodeModel(readFileSync(file)));
    expect(b!.metadata.id).not.toBe(a!.metadata.id);
    expect(b!.weights).toEqual(a!.weights);
  });

  it('is refused where the network has one view and the file says four', async () => {
    const { id: _id, schema: _schema, ...facts } = readModelMetadata(readFileSync(one));
    writeFileSync(at('wrong.onnx'), replaceFacts(readFileSync(one), { ...facts, views: 4 }));
    const message = expect.stringContaining('it gives embeddings of 16 numbers where its metadata says 64');
    await expect(embed(at('wrong.onnx'), images)).rejects.toMatchObject({ code: 'MODEL_INVALID', message });
  });

  it('is what a file that does not say has one of', () => {
    const { views: _views, ...facts } = readModelMetadata(readFileSync(one));
    expect(modelMetadataSchema.parse(facts).views).toBe(1);
  });

  it('is quantised as one of one view is', async () => {
    await quantize(four, at('four-int8.onnx'));
    const { views, quantization } = readModelMetadata(readFileSync(at('four-int8.onnx')));
    expect({ views, model: quantization!.model }).toEqual({
      views: 4,
      model: readModelMetadata(readFileSync(four)).id,
    });
    const [floats, integers] = [await embed(four, images), await embed(at('four-int8.onnx'), images)];
    expect(integers).toHaveLength(floats.length);
    const cosines = images.map((_, n) => {
      const row = (values: Float32Array) => values.subarray(n * 4 * D, (n + 1) * 4 * D);
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
    expect([plain!.metadata.views, careful!.metadata.views]).toEqual([1, 4]);
    expect(careful!.weights).toEqual(plain!.weights);
    expect(careful!.metadata.threshold.value).not.toBe(plain!.metadata.threshold.value);
    const record = JSON.parse(readFileSync(join(at('run'), 'run.json'), 'utf8'));
    expect(record.careful).toEqual({ eer: careful!.metadata.training.validationEer });
    expect(stdout).toMatch(/careful\.onnx: four views, EER [\d.]+ %/);

    const signature = join(data, 'w0001', 'genuine', '001.png');
    const verify = ['verify', '--model', join(at('run'), 'careful.onnx'), '-r', signature, signature, '--json'];
    const verified = await countersign(verify);
    expect(JSON.parse(verified.stdout)).toMatchObject({ decision: 'accept', distance: 0 });
  });
});
