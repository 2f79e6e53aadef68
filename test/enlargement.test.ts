/** Networks that enlarge what they see: what they say of an image is what one without says of it enlarged. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../src/core/rng.js';
import type { InkImage } from '../src/image/types.js';
import { architectureSchema } from '../src/nn/architecture.js';
import { decodeModel } from '../src/nn/model-file.js';
import { randomWeights } from '../src/nn/weights.js';
import { fitQuantization } from '../src/runtime/fit-quantization.js';
import { GradientEngine, type GradientEngineOptions } from '../src/runtime/gradient-engine.js';
import { openEmbedder } from '../src/runtime/model-embedder.js';
import { WorkerPool } from '../src/runtime/pool.js';
import { closer } from './look-closer.js';
import { tinyConfig, writeTinyModel } from './tiny-network.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-enlargement-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CANVAS = tinyConfig.preprocess.canvas;
/** 1.5 times of which is no whole number. */
const ODD = { height: 65, width: 97 };

function imagesOf(canvas: typeof CANVAS, count: number): InkImage[] {
  const rng = new Rng('enlargement');
  return Array.from({ length: count }, () => ({
    ...canvas,
    data: Uint8Array.from({ length: canvas.height * canvas.width }, () => (rng.chance(0.2) ? rng.int(256) : 0)),
  }));
}

const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe('a network that enlarges its canvas', () => {
  it.each([CANVAS, ODD])(
    'says of an image of %o what one without says of it one and a half times as large',
    async (canvas) => {
      const images = imagesOf(canvas, 3);
      const enlarged = images.map((image) => closer(image, false));
      const { width, height } = enlarged[0]!;
      const [near, large] = ['near.onnx', 'large.onnx'].map((name) => join(folder, name));
      writeTinyModel(near!, 0.8, {}, { canvas, enlargement: 1.5 });
      writeTinyModel(large!, 0.8, {}, { canvas: { width, height } });
      const embed = async (file: string, seen: readonly InkImage[]) => {
        const embedder = await openEmbedder(file);
        try {
          return await embedder.embed(seen);
        } finally {
          await embedder.close();
        }
      };
      expect(largestDifference(await embed(near!, images), await embed(large!, enlarged))).toBeLessThan(1e-5);
    },
  );

  it.each<GradientEngineOptions>([{ layout: 'fastest' }, { layout: 'plain' }, { layout: 'flat' }])(
    'learns as that one does, %o',
    async (options) => {
      const architecture = architectureSchema.parse({ widthMultiplier: 0.1, embeddingSize: 16, enlargement: 1.5 });
      const weights = randomWeights(architecture, new Rng('weights'));
      const images = imagesOf(CANVAS, 4);
      const rng = new Rng('seed');
      const seed = Float32Array.from({ length: images.length * 16 }, () => rng.normal(0, 1));
      const pool = new WorkerPool(1);
      try {
        const gradients: Float32Array[] = [];
        for (const [enlargement, seen] of [
          [1.5, images],
          [1, images.map((image) => closer(image, false))],
        ] as const) {
          const { height, width } = enlargement === 1 ? seen[0]! : CANVAS;
          const of = { ...architecture, enlargement };
          const engine = await GradientEngine.create(pool, of, { height, width }, weights, options);
          gradients.push((await engine.gradient(seen, seed)).slice());
        }
        const [near, large] = gradients as [Float32Array, Float32Array];
        expect(largestDifference(near, large) / Math.max(...large.map(Math.abs))).toBeLessThan(1e-5);
      } finally {
        await pool.close();
      }
    },
  );

  it('is fitted to integers by the same steps as that one', async () => {
    const images = imagesOf(CANVAS, 6);
    const near = join(folder, 'to-quantize.onnx');
    writeTinyModel(near, 0.8, {}, { enlargement: 1.5 });
    const { metadata, weights } = decodeModel(readFileSync(near));
    const { architecture, preprocess } = metadata;
    const enlarged = images.map((image) => closer(image, false));
    const { width, height } = enlarged[0]!;
    const large = {
      ...metadata,
      architecture: { ...architecture, enlargement: 1 },
      preprocess: { ...preprocess, canvas: { width, height } },
    };
    const pool = new WorkerPool(2);
    try {
      const [a, b] = [
        await fitQuantization(pool, { metadata, weights }, images),
        await fitQuantization(pool, { metadata: large, weights }, enlarged),
      ];
      // Names of activations count the nodes before them, which the enlargement adds to.
      const [near, far] = [a, b].map(({ ranges }) => [...ranges.values()]);
      expect(near).toHaveLength(far!.length);
      for (const [i, { min, max }] of near!.entries()) {
        expect(min).toBeCloseTo(far![i]!.min, 4);
        expect(max).toBeCloseTo(far![i]!.max, 4);
      }
      for (const [name, { data }] of a.weights) {
        expect(largestDifference(data, b.weights.get(name)!.data), name).toBeLessThan(1e-3);
      }
    } finally {
      await pool.close();
    }
  });

  it('takes no less than the canvas and no more than three times it', () => {
    for (const enlargement of [0.5, 4]) {
      expect(architectureSchema.safeParse({ enlargement }).success, String(enlargement)).toBe(false);
    }
  });
});
