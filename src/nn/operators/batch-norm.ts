/**
 * Batch norm in training: every channel brought to mean 0 and variance 1 over the batch, then scaled and shifted.
 *
 * With the mean m and the (population) variance v of a channel over images and pixels, M = N H W values:
 *
 *     x^ = (x - m) / s,  s = sqrt(v + eps)              y = scale x^ + shift
 *
 *     dshift = sum dy        dscale = sum dy x^        dx = scale / s (dy - dshift / M - x^ dscale / M)
 *
 * The two means are taken away from dy because m and v move with x: what shifts or stretches all of a channel changes
 * nothing. The runtime's `BatchNormalization` does the forward pass; not in training mode it is the fastest way to
 * multiply and add a number of each channel, so the gradient is made of it too.
 *
 * @see Ioffe and Szegedy (2015), Batch Normalization, algorithm 1 and the equations behind it
 */
import type { Graph, Operator, Tensor } from '../graph.js';
import { four } from './conv.js';
import { relu6, relu6Gradient } from './relu6.js';

/** Added to variances; the value of the MobileNets. */
export const EPSILON = 1e-3;

export interface BatchNormAttributes {
  /** y = relu6(batchNorm(x)) instead of batchNorm(x). */
  readonly relu6?: boolean;
}

/** `inputs`: x [N, C, H, W], scale [C], shift [C]. Result [N, C, H, W]; saved: m [C], v [C]. */
export const batchNorm: Operator<BatchNormAttributes> = {
  name: 'batchNorm',

  forward(graph, [x, scale, shift], attributes) {
    const { output, mean, variance } = normalize(graph, x!, scale!, shift!);
    return { output: attributes.relu6 ? relu6(graph, output) : output, saved: [mean, variance] };
  },

  gradient(graph, { inputs, output, saved, attributes }, outputGradient, [needX, needScale, needShift]) {
    const [x, scale] = [inputs[0]!, inputs[1]!];
    const [mean, variance] = [saved[0]!, saved[1]!];
    const [n, channels, height, width] = four(x);
    const perChannel = (op: string, a: Tensor, b: Tensor) => graph.node(op, [a, b], [channels]);
    const dy = attributes.relu6 ? relu6Gradient(graph, output, outputGradient) : outputGradient;

    const [zeros, ones] = [constantOf(graph, 0, channels), constantOf(graph, 1, channels)];
    const normalized = graph.node('BatchNormalization', [x, ones, zeros, mean, variance], x.shape, {
      epsilon: { float: EPSILON },
    });
    const dShift = graph.reduceSum(dy, [0, 2, 3]);
    const dScale = graph.reduceSum(graph.node('Mul', [dy, normalized], x.shape), [0, 2, 3]);
    if (!needX) return [undefined, needScale ? dScale : undefined, needShift ? dShift : undefined];

    const deviation = graph.node('Sqrt', [perChannel('Add', variance, graph.constant([EPSILON], []))], [channels]);
    const factor = perChannel('Div', scale, deviation); // scale / s
    const share = perChannel('Div', factor, graph.constant([-n * height * width], [])); // -scale / (s M)
    const unit = { epsilon: { float: 0 } };
    const taken = graph.node(
      'BatchNormalization',
      [normalized, perChannel('Mul', share, dScale), perChannel('Mul', share, dShift), zeros, ones],
      x.shape,
      unit,
    );
    const scaled = graph.node('BatchNormalization', [dy, factor, zeros, zeros, ones], x.shape, unit);
    const dx = graph.node('Add', [scaled, taken], x.shape);
    return [dx, needScale ? dScale : undefined, needShift ? dShift : undefined];
  },
};

/** Mean and (population) variance of each channel, [C]: what batch norm would divide `x` by. */
export function batchStatistics(graph: Graph, x: Tensor): { readonly mean: Tensor; readonly variance: Tensor } {
  const [, channels] = four(x);
  return normalize(graph, x, constantOf(graph, 1, channels), constantOf(graph, 0, channels));
}

function normalize(graph: Graph, x: Tensor, scale: Tensor, shift: Tensor) {
  const [, channels] = four(x);
  // Running statistics, of which momentum 0 leaves nothing: the batch's own come out. The runtime writes those over the
  // memory of these two, constants not excepted, so they are made anew in every run: one pixel of x, and its negative.
  const [first, one] = [graph.integers([0, 0, 0]), graph.integers([1, 1, 1])];
  const pixel = graph.node('Slice', [x, first, one, graph.integers([0, 2, 3])], [1, channels, 1, 1]);
  const runningMean = graph.reshape(pixel, [channels]);
  const runningVariance = graph.node('Neg', [runningMean], [channels]);
  const [output, mean, variance] = graph.nodeOfSeveral(
    'BatchNormalization',
    [x, scale, shift, runningMean, runningVariance],
    [x.shape, [channels], [channels]],
    { epsilon: { float: EPSILON }, momentum: { float: 0 }, training_mode: { int: 1 } },
  );
  return { output: output!, mean: mean!, variance: variance! };
}

function constantOf(graph: Graph, value: number, channels: number): Tensor {
  return graph.constant(new Float32Array(channels).fill(value), [channels]);
}
