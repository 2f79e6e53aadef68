import { describe, expect, it } from 'vitest';
import { Rng } from './rng.js';

describe('Rng', () => {
  it('gives the same stream for the same seed and labels, and another for another', () => {
    const draw = (rng: Rng) => Array.from({ length: 5 }, () => rng.uint32());
    expect(draw(new Rng(7).fork('step').fork(3))).toEqual(draw(new Rng(7).fork('step').fork(3)));
    expect(draw(new Rng(7).fork('step').fork(3))).not.toEqual(draw(new Rng(7).fork('step').fork(4)));
  });

  it('forks without advancing the parent', () => {
    const a = new Rng(1);
    const b = new Rng(1);
    b.fork('x').uint32();
    expect(a.uint32()).toBe(b.uint32());
  });

  it('has the moments of a uniform and of a normal variable', () => {
    const rng = new Rng('moments');
    const n = 20_000;
    let mean = 0;
    let square = 0;
    let uniform = 0;
    for (let i = 0; i < n; i++) {
      const x = rng.normal(2, 3);
      mean += x / n;
      square += ((x - 2) / 3) ** 2 / n;
      uniform += rng.uniform() / n;
    }
    expect(mean).toBeCloseTo(2, 1);
    expect(square).toBeCloseTo(1, 1);
    expect(uniform).toBeCloseTo(0.5, 1);
  });

  it('shuffles without loss', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = new Rng(3).shuffle(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });
});
