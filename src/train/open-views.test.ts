import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { mirror } from '../image/mirror.js';
import type { InkImage } from '../image/types.js';
import { euclideanDistances } from '../metric/distances.js';
import { randomWeights } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import { WorkerPool } from '../runtime/pool.js';
import { trainConfigSchema } from './config.js';
import { openFourViews } from './open-views.js';

const config = trainConfigSchema.parse({
  architecture: { widthMultiplier: 0.1, embeddingSize: 16 },
  preprocess: { canvas: { height: 64, width: 96 } },
});
const weights = randomWeights(config.architecture, new Rng(1));
const images: InkImage[] = Array.from({ length: 5 }, (_, seed) => {
  const rng = new Rng(seed);
  const data = Uint8Array.from({ length: 64 * 96 }, () => (rng.chance(0.1) ? 255 : 0));
  return { width: 96, height: 64, data };
});

describe('four views', () => {
  let pool: WorkerPool;
  beforeAll(() => {
    pool = new WorkerPool(2);
  });
  afterAll(() => pool.close());

  it('have the root mean square of the distances that each view has', async () => {
    const views = await openFourViews(pool, config, weights);
    const rows = await views.embed(images);
    expect(rows).toHaveLength(5 * views.dimension);
    const engine = await GradientEngine.create(pool, config.architecture, config.preprocess.canvas, weights);
    const squares = new Float64Array(25);
    for (const [x, y] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const seen = await engine.embed(images.map((image) => mirror(image, x, y)));
      euclideanDistances(seen, engine.dimension).forEach((distance, i) => {
        squares[i]! += distance ** 2 / 4;
      });
    }
    euclideanDistances(rows, views.dimension).forEach((distance, i) => {
      expect(distance).toBeCloseTo(Math.sqrt(squares[i]!), 5);
    });
  });

  it('do not mind a mirror', async () => {
    const views = await openFourViews(pool, config, weights);
    const distances = async (seen: readonly InkImage[]) => euclideanDistances(await views.embed(seen), views.dimension);
    const plain = await distances(images);
    const mirrored = await distances(images.map((image) => mirror(image, true, false)));
    for (const [i, distance] of mirrored.entries()) expect(distance).toBeCloseTo(plain[i]!, 5);
  });
});
