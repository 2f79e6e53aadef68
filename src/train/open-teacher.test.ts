import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { InkImage } from '../image/types.js';
import { TWO_VIEWS } from '../image/views.js';
import { euclideanDistances } from '../metric/distances.js';
import { randomWeights } from '../nn/weights.js';
import { WorkerPool } from '../runtime/pool.js';
import { trainConfigSchema } from './config.js';
import { openTeacher } from './open-teacher.js';
import { openViews } from './open-views.js';

const config = trainConfigSchema.parse({
  architecture: { widthMultiplier: 0.1, embeddingSize: 16 },
  preprocess: { canvas: { height: 64, width: 96 } },
});
const weights = randomWeights(config.architecture, new Rng(1));
/** Lines across a canvas, some of them thick. */
const images: InkImage[] = Array.from({ length: 14 }, (_, seed) => {
  const rng = new Rng(seed);
  const [height, slope, bow, width] = [rng.uniform(15, 45), rng.normal(0, 0.3), rng.normal(0, 0.01), rng.uniform(1, 4)];
  const ink = (x: number, y: number) => Math.abs(y - height - slope * (x - 48) - bow * (x - 48) ** 2) < width;
  const data = Uint8Array.from({ length: 64 * 96 }, (_, i) => (ink(i % 96, Math.floor(i / 96)) ? 255 : 0));
  return { width: 96, height: 64, data };
});

describe('a teacher', () => {
  const pools = [1, 2].map((workers) => new WorkerPool(workers));
  let rows: Float32Array[];
  let dimension: number;
  beforeAll(async () => {
    const teachers = await Promise.all(pools.map((pool) => openTeacher(pool, config, weights, images)));
    dimension = teachers[0]!.dimension;
    rows = await Promise.all(teachers.map((teacher) => teacher.embed(images)));
  });
  afterAll(() => Promise.all(pools.map((pool) => pool.close())));

  it('has about the distances of two views in floats', async () => {
    const views = await openViews(pools[1]!, config, weights, TWO_VIEWS);
    expect(dimension).toBe(views.dimension);
    const [taught, exact] = [rows[0]!, await views.embed(images)].map((row) => euclideanDistances(row, dimension));
    const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(taught!.map((distance, i) => Math.abs(distance - exact![i]!)))).toBeLessThan(0.2 * mean(exact!));
  });

  it('teaches the same whatever the number of workers', () => {
    expect(rows[1]).toEqual(rows[0]);
  });
});
