/** Networks that enlarge what they see: what they say of an image is what one without says of it enlarged. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../src/core/rng.js';
import { architectureSchema } from '../src/nn/architecture.js';
import { decodeModel } from '../src/nn/model-file.js';
import { randomWeights } from '../src/nn/weights.js';
import { GradientEngine, type GradientEngineOptions } from '../src/runtime/gradient-engine.js';
import { WorkerPool } from '../src/runtime/pool.js';
import { closer, embed, embedByIntegers, largestDifference, sideBySide, speckled } from './look-closer.js';
import { tinyConfig, writeTinyModel } from './tiny-network.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-enlargement-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CANVAS = tinyConfig.preprocess.canvas;

describe('a network that enlarges its canvas', () => {
  it.each([
    { canvas: CANVAS, factor: 1.5, views: 1, within: 1e-5 },
    { canvas: CANVAS, factor: 1.5, views: 2, within: 1e-5 },
    { canvas: { height: 65, width: 97 }, factor: 1.5, views: 1, within: 1e-5 }, // 1.5 times of which is no whole number
    { canvas: { height: 100, width: 200 }, factor: 1.15, views: 1, within: 1e-3 }, // 115 in float32 alone; some pixels lie between two levels
  ] as const)(
    'says of an image what one without says of it enlarged, %o',
    async ({ canvas, factor, views, within }) => {
      const images = speckled(canvas, 3);
      writeTinyModel(at('near.onnx'), 0.8, {}, { canvas, enlargement: factor, views });
      // The second of two views is enlarged one and a half times already.
      const seen = [images, images.map((image) => closer(image, { mirrored: true }))].slice(0, views);
      const expected = await Promise.all(
        seen.map(async (view, k) => {
          const large = view.map((image) => closer(image, { factor }));
          const { width, height } = large[0]!;
          writeTinyModel(at(`large-${k}.onnx`), 0.8, {}, { canvas: { width, height } });
          return embed(at(`large-${k}.onnx`), large);
        }),
      );
      const said = await embed(at('near.onnx'), images);
      const { embeddingSize } = tinyConfig.architecture;
      expect(said).toHaveLength(views * images.length * embeddingSize);
      expect(largestDifference(said, sideBySide(expected, embeddingSize))).toBeLessThan(within);
    },
  );

  it.each<GradientEngineOptions>([{ layout: 'fastest' }, { layout: 'plain' }, { layout: 'flat' }])(
    'learns as that one does, %o',
    async (options) => {
      const architecture = architectureSchema.parse({ widthMultiplier: 0.1, embeddingSize: 16 });
      const weights = randomWeights(architecture, new Rng('weights'));
      const images = speckled(CANVAS, 4);
      const enlarged = images.map((image) => closer(image));
      const rng = new Rng('seed');
      const seed = Float32Array.from({ length: images.length * 16 }, () => rng.normal(0, 1));
      const pool = new WorkerPool(1);
      try {
        const gradientOf = async (enlargement: number, seen: typeof images) => {
          const engine = await GradientEngine.create(
            pool,
            { ...architecture, enlargement },
            seen[0]!,
            weights,
            options,
          );
          return (await engine.gradient(seen, seed)).slice();
        };
        const [near, large] = [await gradientOf(1.5, images), await gradientOf(1, enlarged)];
        expect(largestDifference(near, large) / Math.max(...large.map(Math.abs))).toBeLessThan(1e-5);
      } finally {
        await pool.close();
      }
    },
  );

  it('becomes one of 8-bit integers as that one does', async () => {
    const images = speckled(CANVAS, 6);
    const enlarged = images.map((image) => closer(image));
    writeTinyModel(at('floats.onnx'), 0.8, {}, { enlargement: 1.5 });
    const { metadata, weights } = decodeModel(readFileSync(at('floats.onnx')));
    const { width, height } = enlarged[0]!;
    const large = {
      ...metadata,
      architecture: { ...metadata.architecture, enlargement: 1 },
      preprocess: { ...metadata.preprocess, canvas: { width, height } },
    };
    const pool = new WorkerPool(2);
    try {
      const said: Float32Array[] = [];
      for (const [facts, seen] of [
        [metadata, images],
        [large, enlarged],
      ] as const) {
        said.push(await embedByIntegers(pool, { metadata: facts, weights }, seen, at('integers.onnx')));
      }
      expect(largestDifference(said[0]!, said[1]!)).toBeLessThan(1e-3);
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
