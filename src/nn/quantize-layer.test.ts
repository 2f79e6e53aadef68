import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { dequantize, quantizeLayer } from './quantize-layer.js';

const CHANNELS = 5;
const SIZE = 18;
const INPUT_SCALE = 6 / 255;

function randomLayer() {
  const rng = new Rng(3);
  const weight = Float32Array.from({ length: CHANNELS * SIZE }, (_, i) => rng.normal(0, 10 ** -Math.floor(i / SIZE)));
  const bias = Float32Array.from({ length: CHANNELS }, () => rng.normal(0, 1));
  return { weight, bias };
}

describe('quantizeLayer', () => {
  it('keeps every weight within half a step of its channel, whose largest is 127 steps', () => {
    const { weight, bias } = randomLayer();
    const { weight: quantized } = quantizeLayer(weight, bias, INPUT_SCALE);
    const back = dequantize(quantized);
    for (let o = 0; o < CHANNELS; o++) {
      const row = [...weight.subarray(o * SIZE, (o + 1) * SIZE)];
      const step = Math.max(...row.map(Math.abs)) / 127;
      expect(quantized.scales[o]).toBeCloseTo(step, 8);
      row.forEach((value, i) => {
        expect(Math.abs(back[o * SIZE + i]! - value)).toBeLessThanOrEqual(0.5001 * step);
      });
    }
    expect(Math.max(...quantized.integers)).toBeLessThanOrEqual(127);
    expect(Math.min(...quantized.integers)).toBeGreaterThanOrEqual(-127);
  });

  it('keeps biases at the scale of the sums they are added to', () => {
    const { weight, bias } = randomLayer();
    const quantized = quantizeLayer(weight, bias, INPUT_SCALE);
    const back = dequantize(quantized.bias);
    bias.forEach((value, o) => {
      expect(quantized.bias.scales[o]).toBe(Math.fround(quantized.weight.scales[o]! * INPUT_SCALE));
      expect(Math.abs(back[o]! - value)).toBeLessThanOrEqual(0.51 * quantized.bias.scales[o]! + 1e-6);
    });
  });

  it('takes a coarser step where the bias would not fit, and a channel of zeros', () => {
    const weight = Float32Array.of(1e-12, -1e-12, 0, 0, 1, -0.25);
    const bias = Float32Array.of(-4, 0, 0);
    const quantized = quantizeLayer(weight, bias, INPUT_SCALE);
    expect(dequantize(quantized.bias)[0]).toBeCloseTo(-4, 4);
    expect([...quantized.weight.integers]).toEqual([0, 0, 0, 0, 127, -32]);
    expect([...quantized.weight.scales].every((scale) => scale > 0 && Number.isFinite(scale))).toBe(true);
  });
});
