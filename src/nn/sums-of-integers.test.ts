import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { architectureSchema } from './architecture.js';
import { buildNetwork } from './network.js';
import { activationsToQuantize, type Range, type Steps, stepsOf } from './quantize.js';
import { isSettled, settleSums } from './sums-of-integers.js';

/** As onnxruntime's kernels have it, to the nearest even integer, clamped: with one rounding of a product and a sum, or with two. */
function sumsOf(a: Steps, b: Steps, sum: Steps, fused: boolean): Uint8Array {
  const { fround } = Math;
  const [ofA, ofB] = [fround(a.scale / sum.scale), fround(b.scale / sum.scale)];
  const fixed = fround(sum.zeroPoint - fround(fround(ofA * a.zeroPoint) + fround(ofB * b.zeroPoint)));
  const times = (x: number, y: number) => (fused ? x * y : fround(x * y)); // a product of two float32 fits a double
  return Uint8Array.from({ length: 65_536 }, (_, pair) => {
    const rest = fround(times(pair >> 8, ofB) + fixed);
    const y = fround(times(pair & 255, ofA) + rest);
    const whole = Math.round(y);
    return Math.min(255, Math.max(0, whole - y === 0.5 && whole % 2 !== 0 ? whole - 1 : whole));
  });
}

/** Whether it matters how a processor rounds. */
const differs = (steps: readonly [Steps, Steps, Steps]) =>
  Buffer.compare(sumsOf(...steps, true), sumsOf(...steps, false)) !== 0;

const architecture = architectureSchema.parse({});
const network = () => buildNetwork(architecture, { batch: 1, height: 32, width: 64 });
const sums = () => {
  const { graph } = network();
  const kept = new Set(activationsToQuantize(graph).map(({ name }) => name));
  return graph.nodes.filter(({ op, outputs }) => op === 'Add' && kept.has(outputs[0]!.name));
};
const measured = (seed: number) => {
  const rng = new Rng(seed);
  return new Map<string, Range>(
    activationsToQuantize(network().graph).map(({ name }) => [
      name,
      { min: rng.uniform(-6, -2), max: rng.uniform(2, 6) },
    ]),
  );
};
const stepsOfSums = (ranges: ReadonlyMap<string, Range>) => {
  const steps = stepsOf(network(), ranges);
  return sums().map(({ inputs, outputs }) => {
    const [a, b, sum] = [...inputs, outputs[0]!].map(({ name }) => steps.get(name)!);
    return [a!, b!, sum!] as const;
  });
};

describe('settleSums', () => {
  it('leaves no sum of two integers to the last bit of a float, which depends on the processor', () => {
    const ranges = [1, 2, 3].map(measured);
    expect(ranges.flatMap(stepsOfSums).filter(differs).length).toBeGreaterThan(0);
    for (const before of ranges) {
      const after = settleSums(network(), before);
      expect(stepsOfSums(after).filter(differs)).toEqual([]);
      expect(stepsOfSums(after).every((steps) => isSettled(...steps))).toBe(true);
    }
  });

  it('widens the ranges of sums by a few hundredths at most, and no others', () => {
    const before = measured(4);
    const names = new Set(sums().map(({ outputs }) => outputs[0]!.name));
    expect(names.size).toBe(10); // residual blocks of MobileNetV2
    for (const [name, { min, max }] of settleSums(network(), before)) {
      const was = before.get(name)!;
      const growth = (max - min) / (was.max - was.min);
      if (names.has(name)) expect(growth).toBeGreaterThanOrEqual(1);
      else expect({ min, max }).toEqual(was);
      expect(growth).toBeLessThan(1.05);
    }
  });
});
