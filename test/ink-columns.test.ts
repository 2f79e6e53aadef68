/** Regions whose columns are laid along the ink: what a signature has in each, wherever on the canvas it stands and however wide. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../src/core/rng.js';
import type { InkImage } from '../src/image/types.js';
import { architectureSchema } from '../src/nn/architecture.js';
import { Graph } from '../src/nn/graph.js';
import { decodeModel } from '../src/nn/model-file.js';
import { type Grids, regionsOf } from '../src/nn/regions.js';
import { serialize } from '../src/nn/serialize.js';
import { randomWeights } from '../src/nn/weights.js';
import { GradientEngine } from '../src/runtime/gradient-engine.js';
import { WorkerPool } from '../src/runtime/pool.js';
import { openSession } from '../src/runtime/session.js';
import { embed, embedByIntegers, largestDifference, speckled } from './look-closer.js';
import { tinyConfig, writeTinyModel } from './tiny-network.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-ink-columns-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CANVAS = tinyConfig.preprocess.canvas;
const MAP = { height: 3, width: 16 };
const GRIDS: Grids = [
  [1, 1],
  [1, 4],
  [2, 2],
];

/** By the network's nodes: of each image the weights of its 9 regions, [N, 9, H W]. */
async function regionsAlongInk(images: readonly InkImage[]): Promise<number[][][]> {
  const { height, width } = images[0]!;
  const graph = new Graph();
  const shape = [images.length, 1, height, width];
  const map = graph.input('map', [images.length, 1, MAP.height, MAP.width]);
  const regions = regionsOf(graph, graph.input('image', shape), 'ink')(map, GRIDS);
  const session = await openSession(serialize(graph, { outputs: { regions } }));
  const data = Float32Array.from(
    images.flatMap((image) => [...image.data]),
    (level) => level / 255,
  );
  const { regions: said } = await session.run({
    image: { data, shape },
    map: { data: new Float32Array(images.length * MAP.height * MAP.width), shape: map.shape },
  });
  await session.close();
  expect(said!.shape).toEqual([images.length, 9, MAP.height * MAP.width]);
  const pixels = MAP.height * MAP.width;
  return images.map((_, image) =>
    Array.from({ length: 9 }, (_, region) => {
      const start = (image * 9 + region) * pixels;
      return [...said!.data.subarray(start, start + pixels)];
    }),
  );
}

/** Where a region lies from left to right, in pixels of the map. */
const middleOf = (region: readonly number[]) =>
  region.reduce((sum, weight, pixel) => sum + weight * ((pixel % MAP.width) + 0.5), 0);

/** One row of ink per column listed. */
function inked(columns: readonly number[], size = { height: 12, width: 64 }): InkImage {
  const data = new Uint8Array(size.height * size.width);
  for (const column of columns) data.fill(200, 5 * size.width + column, 5 * size.width + column + 1);
  return { ...size, data };
}

describe('columns along the ink', () => {
  it('are Gaussian windows about its centre, as far apart as it is spread', async () => {
    const images = speckled({ height: 12, width: 64 }, 3);
    images[0]!.data.fill(0, 0, 6 * 64); // one with an empty half
    for (let i = 0; i < images[1]!.data.length; i++) if (i % 64 > 40) images[1]!.data[i] = 0; // one that ends early
    const said = await regionsAlongInk(images);
    images.forEach(({ data }, k) => {
      const places = [...data].map((ink, i) => ({ ink, x: ((i % 64) + 0.5) / 64 }));
      const total = places.reduce((sum, { ink }) => sum + ink, 0);
      const centre = places.reduce((sum, { ink, x }) => sum + (ink * x) / total, 0);
      const spread = Math.sqrt(places.reduce((sum, { ink, x }) => sum + (ink * (x - centre) ** 2) / total, 0));
      const window = (column: number, of: number) => {
        const weights = Array.from({ length: MAP.width }, (_, x) => {
          const off = ((x + 0.5) / MAP.width - centre) / spread - (1.6 * (2 * column + 1 - of)) / of;
          return Math.exp(-0.5 * (off / (1.6 / of)) ** 2);
        });
        const sum = weights.reduce((a, b) => a + b);
        return weights.map((weight) => weight / sum);
      };
      const rows = { all: [1 / 3, 1 / 3, 1 / 3], upper: [2 / 3, 1 / 3, 0], lower: [0, 1 / 3, 2 / 3] };
      const expected = [
        [rows.all, new Array<number>(MAP.width).fill(1 / MAP.width)],
        ...[0, 1, 2, 3].map((column) => [rows.all, window(column, 4)]),
        ...[rows.upper, rows.lower].flatMap((row) => [0, 1].map((column) => [row, window(column, 2)])),
      ].map(([down, along]) => down!.flatMap((share) => along!.map((other) => share * other)));
      expected.forEach((region, r) => {
        for (const [pixel, weight] of region.entries()) expect(said[k]![r]![pixel]).toBeCloseTo(weight, 4);
      });
    });
  });

  it('move with the ink, and stretch with it', async () => {
    const columns = [20, 22, 25, 26, 30, 31];
    const [where, moved, wider] = await regionsAlongInk([
      inked(columns),
      inked(columns.map((column) => column + 8)),
      inked(columns.flatMap((column) => [2 * column - 20, 2 * column - 19])),
    ]);
    for (const region of [1, 2, 3, 4]) {
      const middle = middleOf(where![region]!);
      expect(middleOf(moved![region]!)).toBeCloseTo(middle + 2, 1); // 8 px of 64 are 2 of 16
      expect(middleOf(wider![region]!)).toBeCloseTo(2 * middle - 5, 0); // 20 px are 5
    }
    expect(middleOf(where![4]!) - middleOf(where![1]!)).toBeGreaterThan(1);
  });

  it('are some part of the map whatever the image: none without ink, a stroke that stands upright, a spot in the corner', async () => {
    const size = { height: 12, width: 64 };
    const images = [{ ...size, data: new Uint8Array(12 * 64) }, inked([32]), inked([0]), inked([63])];
    for (const regions of await regionsAlongInk(images)) {
      for (const region of regions) {
        expect(region.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
        expect(Math.min(...region)).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it('lie where the ink is, and move by little with it, where it is narrower than a column of the map', async () => {
    const upright = Array.from({ length: 9 }, (_, i) => inked([28 + i, 29 + i]));
    const middles = (await regionsAlongInk(upright)).map((regions) => [1, 2, 3, 4].map((k) => middleOf(regions[k]!)));
    middles.forEach(([a, b, c, d], i) => {
      expect(Math.abs((a! + b! + c! + d!) / 4 - (29 + i) / 4)).toBeLessThan(0.3); // 64 px are 16 columns
      for (const [less, more] of [
        [a, b],
        [b, c],
        [c, d],
      ] as const)
        expect(more! - less!).toBeGreaterThan(0);
      for (const [k, middle] of (middles[i + 1] ?? []).entries()) expect(middle - middles[i]![k]!).toBeLessThan(0.6);
    });
  });

  it('learn alike in each layout', async () => {
    const architecture = architectureSchema.parse({
      widthMultiplier: 0.1,
      embeddingSize: 16,
      middleGrids: GRIDS,
      fineGrids: [[1, 4]],
      deviations: true,
      columns: 'ink',
    });
    const weights = randomWeights(architecture, new Rng('weights'));
    const images = speckled(CANVAS, 4);
    const rng = new Rng('seed');
    const seed = Float32Array.from({ length: images.length * 16 }, () => rng.normal(0, 1));
    const pool = new WorkerPool(1);
    try {
      const gradients: Float32Array[] = [];
      for (const layout of ['plain', 'fastest', 'flat'] as const) {
        const engine = await GradientEngine.create(pool, architecture, images[0]!, weights, { layout });
        gradients.push((await engine.gradient(images, seed)).slice());
      }
      const [plain, ...others] = gradients;
      const largest = Math.max(...plain!.map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      for (const other of others) expect(largestDifference(plain!, other) / largest).toBeLessThan(1e-4);
    } finally {
      await pool.close();
    }
  });

  it('are of each image its own: embedded alone, one by one, it is what it is among others; paper alone is something too', async () => {
    const images = [...speckled(CANVAS, 3), { ...CANVAS, data: new Uint8Array(CANVAS.height * CANVAS.width) }];
    for (const views of [1, 2] as const) {
      writeTinyModel(at('own.onnx'), 0.8, {}, { columns: 'ink', views });
      const together = await embed(at('own.onnx'), images);
      const alone = await Promise.all(images.map((image) => embed(at('own.onnx'), [image])));
      expect(together.every(Number.isFinite)).toBe(true);
      expect(largestDifference(together, Float32Array.from(alone.flatMap((row) => [...row])))).toBeLessThan(1e-5);
    }
  });

  it('are read in a file, by integers too, and as often as images are enlarged', async () => {
    const images = speckled(CANVAS, 6);
    const saidBy = async (columns: 'canvas' | 'ink', enlargement: number) => {
      writeTinyModel(at('floats.onnx'), 0.8, {}, { columns, enlargement });
      return embed(at('floats.onnx'), images);
    };
    const pool = new WorkerPool(2);
    try {
      for (const enlargement of [1, 1.5]) {
        const cut = await saidBy('canvas', enlargement);
        const floats = await saidBy('ink', enlargement);
        expect(largestDifference(cut, floats)).toBeGreaterThan(0.01);
        const model = decodeModel(readFileSync(at('floats.onnx')));
        expect(model.metadata.architecture).toMatchObject({ columns: 'ink', enlargement });
        const integers = await embedByIntegers(pool, model, images, at('integers.onnx'));
        expect(largestDifference(floats, integers)).toBeLessThan(0.1);
      }
    } finally {
      await pool.close();
    }
  });
});
