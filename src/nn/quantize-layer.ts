/**
 * Weight and bias of a layer as integers with zero point 0 (see quantize.ts), one scale S_o for each output channel o:
 *
 *     S_o = max |w_o| / 127          w = S_o q_w,  q_w in -127 .. 127, off by S_o / 2 at most
 *     bias_o = S_x S_o q_b           q_b in int32, at the scale of the sums it is added to; S_x is that of the input
 *
 * A channel of tiny weights and a large bias gets a larger S_o, so that q_b fits.
 *
 * @see Krishnamoorthi (2018), section 3.1 (a scale for each channel). Jacob et al. (2018), section 2.4 (biases).
 */

/** r = scales[o] * integers, o being the output channel, the first axis. */
export interface QuantizedTensor<T extends Int8Array | Int32Array> {
  readonly integers: T;
  readonly scales: Float32Array;
}

const LARGEST_WEIGHT = 127;
/** A quarter of what int32 holds; the rest is left to the sums of products. */
const LARGEST_BIAS = 2 ** 29;

/**
 * @param weight - [O, ...] float32
 * @param bias - [O] float32
 * @param inputScale - S_x
 */
export function quantizeLayer(
  weight: Float32Array,
  bias: Float32Array,
  inputScale: number,
): { readonly weight: QuantizedTensor<Int8Array>; readonly bias: QuantizedTensor<Int32Array> } {
  const channels = bias.length;
  const size = weight.length / channels;
  const scales = Float32Array.from(bias, (value, o) => {
    const largest = weight.subarray(o * size, (o + 1) * size).reduce((peak, w) => Math.max(peak, Math.abs(w)), 0);
    return Math.max(largest / LARGEST_WEIGHT, Math.abs(value) / (inputScale * LARGEST_BIAS)) || 1; // 1 for zeros
  });
  const biasScales = scales.map((scale) => scale * inputScale);
  return {
    weight: {
      integers: Int8Array.from(weight, (value, i) => Math.round(value / scales[Math.floor(i / size)]!)),
      scales,
    },
    bias: { integers: Int32Array.from(bias, (value, o) => Math.round(value / biasScales[o]!)), scales: biasScales },
  };
}

/** @returns the values that the integers stand for, in the same order */
export function dequantize({ integers, scales }: QuantizedTensor<Int8Array | Int32Array>): Float32Array {
  const size = integers.length / scales.length;
  return Float32Array.from(integers, (value, i) => value * scales[Math.floor(i / size)]!);
}
