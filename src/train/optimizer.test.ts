import { describe, expect, it } from 'vitest';
import { AdamW, clipNorm, warmupCosine } from './optimizer.js';

const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };

describe('AdamW', () => {
  it('follows the algorithm of the paper, recomputed here in float64', () => {
    const w = { name: 'w', shape: [1, 2], data: Float32Array.of(1, -2) };
    const bias = { name: 'b', shape: [1], data: Float32Array.of(0.5) };
    const optimizer = new AdamW([w, bias], options);
    const expected = [1, -2, 0.5];
    const m = [0, 0, 0];
    const v = [0, 0, 0];
    for (let step = 1; step <= 5; step++) {
      const gradient = [0.3 * step, -0.1, 0.7 / step];
      optimizer.step(Float32Array.from(gradient), step, (name) => (name === 'w' ? 0.01 : 0.02));
      for (let i = 0; i < 3; i++) {
        m[i] = 0.9 * m[i]! + 0.1 * gradient[i]!;
        v[i] = 0.99 * v[i]! + 0.01 * gradient[i]! ** 2;
        const update = m[i]! / (1 - 0.9 ** step) / (Math.sqrt(v[i]! / (1 - 0.99 ** step)) + 1e-8);
        const decay = i < 2 ? 0.1 * expected[i]! : 0;
        expected[i]! -= (i < 2 ? 0.01 : 0.02) * (update + decay);
      }
    }
    [...w.data, ...bias.data].forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });
});

describe('clipNorm', () => {
  it('scales down to the norm, keeps the direction, and leaves small gradients', () => {
    const large = Float32Array.of(3, 4);
    expect(clipNorm(large, 1)).toBe(5);
    expect(large[0]).toBeCloseTo(0.6);
    expect(large[1]).toBeCloseTo(0.8);
    const small = Float32Array.of(0.3, 0.4);
    clipNorm(small, 1);
    expect(small[0]).toBeCloseTo(0.3);
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
