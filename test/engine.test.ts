/** The pool and what runs on it: gradients that do not depend on timing, files that become embeddings in order. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../src/core/rng.js';
import { signGenuine } from '../src/data/synthetic/sign.js';
import { encodePng } from '../src/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../src/data/synthetic/writer.js';
import { preprocess } from '../src/image/preprocess.js';
import type { InkImage } from '../src/image/types.js';
import { architectureSchema } from '../src/nn/architecture.js';
import { randomWeights } from '../src/nn/weights.js';
import { channelBlock } from '../src/runtime/channel-block.js';
import { GradientEngine, type GradientEngineOptions } from '../src/runtime/gradient-engine.js';
import { type ModelEmbedder, openEmbedder } from '../src/runtime/model-embedder.js';
import { defineJob, type Job, WorkerPool } from '../src/runtime/pool.js';
import { tinyConfig, writeTinyModel } from './tiny-network.js';

const CANVAS = { height: 64, width: 96 };
const architecture = architectureSchema.parse({ widthMultiplier: 0.1, embeddingSize: 16 });
const rng = new Rng('engine');
const weights = randomWeights(architecture, rng);
const images: InkImage[] = Array.from({ length: 8 }, () => ({
  ...CANVAS,
  data: Uint8Array.from({ length: CANVAS.height * CANVAS.width }, () => (rng.chance(0.9) ? 0 : rng.int(256))),
}));
const seed = Float32Array.from({ length: images.length * 16 }, () => rng.normal(0, 1));

async function gradientOf(workers: number, options: GradientEngineOptions = {}) {
  const pool = new WorkerPool(workers);
  try {
    const engine = await GradientEngine.create(pool, architecture, CANVAS, weights, { microBatch: 3, ...options });
    const embeddings = await engine.embed(images);
    const gradient = (await engine.gradient(images, seed)).slice();
    return { embeddings, gradient, engine };
  } finally {
    await pool.close();
  }
}

const relativeDifference = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / Math.max(...a.map(Math.abs));

describe('the gradient engine', () => {
  it('gives the same bits with one worker, two and three, also when the batch does not fill the last micro-batch', async () => {
    const [one, two, three] = [await gradientOf(1), await gradientOf(2), await gradientOf(3)];
    for (const other of [two, three]) {
      expect(other.gradient).toEqual(one.gradient);
      expect(other.embeddings).toEqual(one.embeddings);
    }
  });

  it('gives what the head reads: the head makes the embedding of it', async () => {
    const pool = new WorkerPool(2);
    try {
      const engine = await GradientEngine.create(pool, architecture, CANVAS, weights, { microBatch: 3 });
      const [features, embeddings] = [await engine.features(images), await engine.embed(images)];
      const { featureCount: count, dimension } = engine;
      expect(features.length).toBe(images.length * count);
      const [weight, bias] = ['weight', 'bias'].map((name) => weights.get(`head.${name}`)!.data);
      images.forEach((_, n) => {
        const said = [...bias!].map((value, k) =>
          weight!
            .subarray(k * count, (k + 1) * count)
            .reduce((sum, one, f) => sum + one * features[n * count + f]!, value),
        );
        said.forEach((value, k) => {
          expect(value / Math.hypot(...said)).toBeCloseTo(embeddings[n * dimension + k]!, 4);
        });
      });
    } finally {
      await pool.close();
    }
  });

  it("gives the plain graph's numbers in whatever order this machine is fastest in, and whatever the micro-batch", async () => {
    const plain = await gradientOf(1, { layout: 'plain' });
    expect(plain.engine.channelBlock).toBeUndefined();
    for (const microBatch of [1, 3, 5]) {
      const fast = await gradientOf(2, { microBatch });
      expect(relativeDifference(plain.gradient, fast.gradient)).toBeLessThan(1e-3);
      expect(relativeDifference(plain.embeddings, fast.embeddings)).toBeLessThan(1e-4);
    }
  });

  it('gives the same where all parameters are one input, and all gradients one output', async () => {
    const plain = await gradientOf(1, { layout: 'plain' });
    const flat = await gradientOf(2, { layout: 'flat' });
    expect(relativeDifference(plain.gradient, flat.gradient)).toBeLessThan(1e-5);
    expect(relativeDifference(plain.embeddings, flat.embeddings)).toBeLessThan(1e-5);
  });

  it.each(['fastest', 'flat'] as const)('gives only the trainable ones, in order: %s', async (layout) => {
    const all = await gradientOf(1);
    const head = await gradientOf(1, { layout, isTrainable: (name) => name.startsWith('head.') });
    expect(head.engine.trainable.map(({ name }) => name)).toEqual(['head.weight', 'head.bias']);
    expect(relativeDifference(all.gradient.slice(-head.gradient.length), head.gradient)).toBeLessThan(1e-5);
  });

  it.each(['fastest', 'flat'] as const)('reads weights that have changed: %s', async (layout) => {
    const pool = new WorkerPool(2);
    const engine = await GradientEngine.create(pool, architecture, CANVAS, weights, { layout });
    const before = await engine.embed(images);
    engine.weights.flat.fill(0.01);
    await engine.weightsChanged();
    const after = await engine.embed(images);
    await pool.close();
    expect(relativeDifference(before, after)).toBeGreaterThan(0.1);
  });

  it('fails, and does not wait for ever, when a micro-batch fails', async () => {
    const pool = new WorkerPool(2);
    const engine = await GradientEngine.create(pool, architecture, CANVAS, weights, { microBatch: 1 });
    const broken = images.map((image, i) => (i === 2 ? { ...image, width: 95 } : image));
    await expect(engine.gradient(broken, seed)).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    await engine.gradient(images, seed); // and goes on
    await pool.close();
  });
});

describe('the pool', () => {
  it('finds a channel block that vector registers have, or none', async () => {
    const pool = new WorkerPool(1);
    expect([undefined, 4, 8, 16, 32]).toContain(await channelBlock(pool));
    await pool.close();
  });

  it('keeps the code of an error that a job throws', async () => {
    const pool = new WorkerPool(1);
    const preprocessImage = defineJob<typeof import('../src/runtime/jobs/preprocess-image.js').default>(
      new URL('../src/runtime/pool.ts', import.meta.url).href,
      './jobs/preprocess-image.js',
    );
    const missing = pool.call(preprocessImage, { source: '/nowhere.png', options: tinyConfig.preprocess });
    await expect(missing).rejects.toMatchObject({ name: 'CountersignError', code: 'IMAGE_NOT_FOUND' });
    await pool.close();
  });

  it('goes on after a request that cannot be sent to a thread', async () => {
    const pool = new WorkerPool(1);
    const preprocessImage = defineJob<(input: unknown) => unknown>(
      new URL('../src/runtime/pool.ts', import.meta.url).href,
      './jobs/preprocess-image.js',
    );
    await expect(pool.call(preprocessImage, { source: () => 1 })).rejects.toThrow(/could not be cloned/);
    const next = pool.call(preprocessImage, { source: '/nowhere.png', options: tinyConfig.preprocess });
    await expect(next).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    await pool.close();
  });

  it('goes on with the threads that are left when one ends, and refuses when none is', async () => {
    const pool = new WorkerPool(2);
    const ending: Job<null, void> = { module: 'data:text/javascript,export default () => process.exit(3)' };
    const living: Job<number, number> = { module: 'data:text/javascript,export default (input) => input + 1' };
    const end = () => expect(pool.call(ending, null)).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    await end();
    expect(pool.working).toBe(1);
    const inputs = Array.from({ length: 20 }, (_, i) => i);
    expect(await Promise.all(inputs.map((i) => pool.call(living, i)))).toEqual(inputs.map((i) => i + 1));
    await end();
    expect(pool.working).toBe(0);
    await expect(pool.call(living, 1)).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    await pool.close();
  });

  it('refuses what is asked of it after it was closed', async () => {
    const pool = new WorkerPool(1);
    await pool.close();
    await expect(pool.open(new Uint8Array(1))).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      message: 'The pool was closed.',
    });
  });
});

describe('files to embeddings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-engine-'));
  const model = join(folder, 'model.onnx');
  const files: string[] = [];
  let embedder: ModelEmbedder;

  beforeAll(async () => {
    writeTinyModel(model, 1);
    const writer = createWriter(new Rng(1), 1);
    for (let i = 0; i < 19; i++) {
      files.push(join(folder, `${i}.png`));
      writeFileSync(files[i]!, await encodePng(signGenuine(writer, new Rng(i))));
    }
    files.splice(5, 0, join(folder, 'missing.png'));
    writeFileSync(join(folder, 'text.png'), 'no image');
    files.push(join(folder, 'text.png'));
    embedder = await openEmbedder(model, { workers: 2 });
  });
  afterAll(async () => {
    await embedder.close();
    rmSync(folder, { recursive: true });
  });

  it('embeds each as preprocessing and embedding by hand do, in order; what fails is told in its place', async () => {
    const results = await embedder.embedFiles(files);
    expect(results).toHaveLength(files.length);
    for (const [i, result] of results.entries()) {
      if (i === 5 || i === files.length - 1) {
        expect(result).toMatchObject({ error: { code: i === 5 ? 'IMAGE_NOT_FOUND' : 'IMAGE_UNDECODABLE' } });
        continue;
      }
      const { ink, quality } = await preprocess(files[i]!, tinyConfig.preprocess);
      const embedding = await embedder.embed([ink]);
      if ('error' in result) throw result.error;
      expect(result.quality).toEqual(quality);
      expect(relativeDifference(embedding, result.embedding)).toBeLessThan(1e-5);
    }
  });

  it('takes a stream no faster than its results are taken', async () => {
    let given = 0;
    const endless = function* () {
      for (;;) yield files[given++ % 4]!;
    };
    let taken = 0;
    for await (const result of embedder.embedStream(endless())) {
      expect(result.source).toBe(files[taken % 4]);
      expect('embedding' in result).toBe(true);
      expect(given - taken).toBeLessThanOrEqual(48);
      if (++taken === 200) break;
    }
  });

  it('takes an asynchronous stream, and an empty one', async () => {
    const few = async function* () {
      yield files[0]!;
      yield files[5]!;
    };
    const kinds = [];
    for await (const result of embedder.embedStream(few())) kinds.push('error' in result);
    for await (const result of embedder.embedStream([])) kinds.push(result);
    expect(kinds).toEqual([false, true]);
  });
});
