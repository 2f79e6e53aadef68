import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { bootstrapIntervals, drawWriters } from './bootstrap.js';
import { areaUnderCurve, equalErrorRate, farAt, frrAt } from './error-rates.js';
import type { GroupedDistances } from './weighted-rates.js';

/** Pairs of `writerCount` writers, `each` per writer, with a mean that differs from writer to writer; some ties. */
function madeUp(seed: string, writerCount: number, each: number, mean: number): GroupedDistances {
  const rng = new Rng(seed);
  const means = Array.from({ length: writerCount }, () => rng.normal(mean, 0.5));
  const writer = Uint32Array.from({ length: writerCount * each }, (_, m) => Math.floor(m / each));
  const distance = Float32Array.from(writer, (w) => Math.round(10 * rng.normal(means[w]!, 1)) / 10);
  return { distance, writer };
}

/** The distances of a resample, written out: those of a writer drawn twice come twice. */
function expand({ distance, writer }: GroupedDistances, weights: Float64Array): Float32Array {
  const out: number[] = [];
  distance.forEach((d, m) => {
    for (let copy = 0; copy < weights[writer[m]!]!; copy++) out.push(d);
  });
  return Float32Array.from(out);
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [whole, rest] = [Math.floor(share * (sorted.length - 1)), (share * (sorted.length - 1)) % 1];
  return sorted[whole]! * (1 - rest) + (sorted[whole + 1] ?? 0) * rest;
}

describe('bootstrapIntervals', () => {
  it('equals a naive bootstrap with the same draws', () => {
    const [genuine, forged] = [madeUp('g', 6, 7, 0), madeUp('f', 6, 9, 1.5)];
    const options = { writerCount: 6, threshold: 0.8, resamples: 200 };
    const rng = new Rng('same');
    const columns: Record<'far' | 'frr' | 'eer' | 'auc', number[]> = { far: [], frr: [], eer: [], auc: [] };
    for (let r = 0; r < 200; r++) {
      const weights = drawWriters(rng, 6, new Float64Array(6).fill(7), new Float64Array(6).fill(9));
      const [g, f] = [expand(genuine, weights), expand(forged, weights)];
      columns.far.push(farAt(f, 0.8));
      columns.frr.push(frrAt(g, 0.8));
      columns.eer.push(equalErrorRate(g, f).eer);
      columns.auc.push(areaUnderCurve(g, f));
    }
    const fast = bootstrapIntervals(genuine, forged, { ...options, rng: new Rng('same') })!;
    for (const rate of ['far', 'frr', 'eer', 'auc'] as const) {
      expect(fast[rate].low).toBeCloseTo(quantile(columns[rate], 0.025), 10);
      expect(fast[rate].high).toBeCloseTo(quantile(columns[rate], 0.975), 10);
    }
  });

  it('is the same for the same seed and holds the rate itself', () => {
    const [genuine, forged] = [madeUp('g', 30, 20, 0), madeUp('f', 30, 20, 1.5)];
    const run = () => bootstrapIntervals(genuine, forged, { writerCount: 30, threshold: 0.8, rng: new Rng(4) })!;
    expect(run()).toEqual(run());
    const { eer } = equalErrorRate(genuine.distance, forged.distance);
    expect(run().eer.low).toBeLessThan(eer);
    expect(run().eer.high).toBeGreaterThan(eer);
    expect(run().resamples).toBe(2000);
  });

  it('is wider than a bootstrap over pairs where writers differ', () => {
    const [genuine, forged] = [madeUp('g', 20, 50, 0), madeUp('f', 20, 50, 1.5)];
    const width = (g: GroupedDistances, f: GroupedDistances, writerCount: number) => {
      const { eer } = bootstrapIntervals(g, f, { writerCount, threshold: 0.8, rng: new Rng(1), resamples: 300 })!;
      return eer.high - eer.low;
    };
    const alone = (pairs: GroupedDistances) => ({ ...pairs, writer: pairs.writer.map((_, m) => m) });
    expect(width(genuine, forged, 20)).toBeGreaterThan(1.5 * width(alone(genuine), alone(forged), 1000));
  });

  it('handles +Infinity, one writer, and writers without forgeries', () => {
    const genuine = { distance: Float32Array.of(1, Infinity, 1, 2), writer: Uint32Array.of(0, 0, 1, 1) };
    const alone = { distance: Float32Array.of(3, 4), writer: Uint32Array.of(0, 0) };
    const forged = { distance: Float32Array.of(3, 4), writer: Uint32Array.of(0, 1) };
    const options = { threshold: 2.5, rng: new Rng(1), resamples: 500 };
    const intervals = bootstrapIntervals(genuine, forged, { ...options, writerCount: 2 })!;
    expect(intervals.frr).toEqual({ low: 0, high: 0.5 });
    expect(intervals.far).toEqual({ low: 0, high: 0 });
    // Of the forgeries of one writer nothing can be drawn, and no interval would be one without width.
    expect(bootstrapIntervals(genuine, alone, { ...options, writerCount: 2 })).toBeNull();
    expect(bootstrapIntervals(genuine, alone, { ...options, writerCount: 1 })).toBeNull();
  });
});
