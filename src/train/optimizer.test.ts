import { describe, expect, it } from 'vitest';
import { WorkerPool } from '../runtime/pool.js';
import { sharedCopy, sharedFloats } from '../runtime/shared-weights.js';
import norm from './jobs/gradient-norm.js';
import { Optimizer, warmupCosine } from './optimizer.js';

const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 };

const shared = (...values: number[]) => {
  const data = sharedFloats(values.length);
  data.set(values);
  return data;
};

describe('the optimiser', () => {
  it.each([1, 2, 3])(
    'follows AdamW, clips and averages, over %i workers; recomputed here in float64',
    async (workers) => {
      const initial = [1, -2, 0.5];
      const trainable = [
        { name: 'w', shape: [1, 2] },
        { name: 'b', shape: [1] },
      ];
      const start = new Map([
        ['w', { shape: [1, 2], data: Float32Array.of(1, -2) }],
        ['b', { shape: [1], data: Float32Array.of(0.5) }],
      ]);
      const [weights, average] = [await sharedCopy(trainable, start), await sharedCopy(trainable, start)];
      const pool = new WorkerPool(workers);
      const optimizer = new Optimizer(pool, trainable, weights, average, options);

      const expected = [...initial];
      const expectedAverage = [...initial];
      const m = [0, 0, 0];
      const v = [0, 0, 0];
      for (let step = 1; step <= 5; step++) {
        const gradient = [0.3 * step, -0.1, 0.7 / step];
        const length = Math.hypot(...gradient);
        await optimizer.step(shared(...gradient), length, {
          step,
          learningRate: (name) => (name === 'w' ? 0.01 : 0.02),
          averageDecay: 0.8,
        });
        for (let i = 0; i < 3; i++) {
          const g = gradient[i]! / Math.max(1, length);
          m[i] = 0.9 * m[i]! + 0.1 * g;
          v[i] = 0.99 * v[i]! + 0.01 * g ** 2;
          const update = m[i]! / (1 - 0.9 ** step) / (Math.sqrt(v[i]! / (1 - 0.99 ** step)) + 1e-8);
          const decay = i < 2 ? 0.1 * expected[i]! : 0;
          expected[i]! -= (i < 2 ? 0.01 : 0.02) * (update + decay);
          expectedAverage[i] = 0.8 * expectedAverage[i]! + 0.2 * expected[i]!;
        }
      }
      await pool.close();
      weights.flat.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 5);
      });
      average.flat.forEach((value, i) => {
        expect(value).toBeCloseTo(expectedAverage[i]!, 5);
      });
    },
  );
});

describe('norm', () => {
  it('is the Euclidean one', () => {
    expect(norm(Float32Array.of(3, 4, 12))).toBe(13);
  });
});

describe('warmupCosine', () => {
  it('rises to 1 at the end of the warm-up, is a half at the middle of the rest, and ends at 0', () => {
    expect(warmupCosine(5, 10, 110)).toBe(0.5);
    expect(warmupCosine(10, 10, 110)).toBe(1);
    expect(warmupCosine(60, 10, 110)).toBeCloseTo(0.5);
    expect(warmupCosine(110, 10, 110)).toBeCloseTo(0);
  });
});
