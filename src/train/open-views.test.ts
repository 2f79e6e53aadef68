import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { InkImage } from '../image/types.js';
import { canvasIn, seenIn, TWO_VIEWS } from '../image/views.js';
import { euclideanDistances } from '../metric/distances.js';
import { randomWeights } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import { WorkerPool } from '../runtime/pool.js';
import { trainConfigSchema } from './config.js';
import { openViews } from './open-views.js';

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

describe('two views', () => {
  let pool: WorkerPool;
  beforeAll(() => {
    pool = new WorkerPool(2);
  });
  afterAll(() => pool.close());

  it('have the root mean square of the distances that each view has', async () => {
    const embedder = await openViews(pool, config, weights, TWO_VIEWS);
    const rows = await embedder.embed(images);
    expect(rows).toHaveLength(5 * embedder.dimension);
    const squares = new Float64Array(25);
    for (const view of TWO_VIEWS) {
      const canvas = canvasIn(config.preprocess.canvas, view);
      const engine = await GradientEngine.create(pool, config.architecture, canvas, weights);
      const seen = await engine.embed(images.map((image) => seenIn(image, view)));
      euclideanDistances(seen, engine.dimension).forEach((distance, i) => {
        squares[i]! += distance ** 2 / TWO_VIEWS.length;
      });
    }
    euclideanDistances(rows, embedder.dimension).forEach((distance, i) => {
      expect(distance).toBeCloseTo(Math.sqrt(squares[i]!), 5);
    });
  });
});
