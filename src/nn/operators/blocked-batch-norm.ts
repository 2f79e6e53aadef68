/**
 * Batch norm in training on blocked feature maps (see blocked-layout.ts); the mathematics is that of batch-norm.ts.
 *
 * On blocked maps the runtime has convolutions and poolings alone, and they are all it takes:
 *
 * - **A mean of each channel** is global average pooling, then the mean over the images.
 * - **A factor and an offset for each channel** are a depthwise 1 x 1 convolution with a bias.
 * - **The sum of a b over the pixels of each channel** is a depthwise convolution of a with b as the kernel: a blocked map
 *   is, byte for byte, a blocked kernel of the map's size.
 *
 * With c = x - m, which is kept for the gradient, and M = N H W:
 *
 *     v = sum c c / M,  s = sqrt(v + eps)        y = (scale / s) c + shift
 *     dshift = sum dy        dscale = sum dy c / s        dx = (scale / s) (dy - dshift / M - c dscale / (s M))
 *
 * Blocked maps hold negatives: -x, -y, dL/d(-y) and -c below. Only the mean, the shift and dshift change their sign.
 */
import type { Graph, Operator, Tensor } from '../graph.js';
import { type BatchNormAttributes, EPSILON } from './batch-norm.js';
import { convolve } from './blocked-conv.js';
import { cutTo, fillUp, NCHWC, negative } from './blocked-layout.js';
import { four } from './conv.js';
import { maskBetween } from './relu6.js';

/** `inputs`: x blocked [N, C, H, W], scale and shift plain. Result blocked; saved: m [C], v [C], -c, s. */
export const blockedBatchNorm: Operator<BatchNormAttributes> = {
  name: 'blockedBatchNorm',

  forward(graph, [x, scale, shift], attributes) {
    const [, filled] = four(x!);
    const ones = graph.constant(new Float32Array(filled).fill(1), [filled]);
    const mean = negative(graph, channelMeans(graph, x!));
    const centred = scaleAndShift(graph, x!, ones, mean); // -c = -x + m
    const variance = times(graph, channelProducts(graph, centred, centred), 1 / valuesOfChannel(x!));
    const shifted = graph.node('Add', [variance, graph.constant([EPSILON], [])], [filled]);
    const deviation = graph.node('Sqrt', [shifted], [filled]);
    const factor = graph.node('Div', [fillUp(graph, scale!, [filled]), deviation], [filled]);
    const offset = negative(graph, fillUp(graph, shift!, [filled]));
    const output = scaleAndShift(graph, centred, factor, offset, {
      relu6: attributes.relu6 ?? false,
    });
    const statistics = [mean, variance].map((tensor) => cutTo(graph, tensor, scale!.shape));
    return { output, saved: [...statistics, centred, deviation] };
  },

  gradient(graph, { inputs, output, saved, attributes }, outputGradient, [needX, needScale, needShift]) {
    const [x, scale] = [inputs[0]!, inputs[1]!];
    const [centred, deviation] = [saved[2]!, saved[3]!];
    const [, filled] = four(x);
    const perChannel = (op: string, a: Tensor, b: Tensor) => graph.node(op, [a, b], [filled]);
    const dy = attributes.relu6 ? maskBetween(graph, output, outputGradient) : outputGradient;

    const meanDy = channelMeans(graph, dy); // -dshift / M
    const dScale = perChannel('Div', channelProducts(graph, dy, centred), deviation);
    const ofScale = needScale ? cutTo(graph, dScale, scale.shape) : undefined;
    const ofShift = needShift ? cutTo(graph, times(graph, meanDy, -valuesOfChannel(x)), scale.shape) : undefined;
    if (!needX) return [undefined, ofScale, ofShift];

    const factor = perChannel('Div', fillUp(graph, scale, [filled]), deviation); // scale / s
    const taking = negative(graph, factor);
    const alongC = times(graph, perChannel('Div', dScale, deviation), 1 / valuesOfChannel(x)); // dscale / (s M)
    const taken = scaleAndShift(graph, centred, perChannel('Mul', taking, alongC), perChannel('Mul', taking, meanDy));
    const zeros = graph.constant(new Float32Array(filled), [filled]);
    return [scaleAndShift(graph, dy, factor, zeros, { addTo: taken }), ofScale, ofShift];
  },
};

/** M: numbers of a channel. */
function valuesOfChannel(map: Tensor): number {
  const [n, , height, width] = four(map);
  return n * height * width;
}

/** @returns [C] */
function channelMeans(graph: Graph, map: Tensor): Tensor {
  const [n, channels] = four(map);
  const perImage = graph.node('GlobalAveragePool', [map], [n, channels, 1, 1], {}, NCHWC);
  return times(graph, graph.reduceSum(perImage, [0, 2, 3]), 1 / n);
}

/** sum over images and pixels of a b, [C]. */
function channelProducts(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const [n, channels, height, width] = four(a);
  const map = graph.reshape(a, [1, n * channels, height, width]);
  const kernels = graph.reshape(b, [n * channels, 1, height, width]);
  const perImage = convolve(graph, map, kernels, [1, n * channels, 1, 1], {
    pads: [0, 0, 0, 0],
    groups: n * channels,
  });
  return graph.reduceSum(graph.reshape(perImage, [n, channels]), [0]);
}

/** factor map + offset (+ addTo), for factor and offset [C]. */
function scaleAndShift(
  graph: Graph,
  map: Tensor,
  factor: Tensor,
  offset: Tensor,
  options: { readonly relu6?: boolean; readonly addTo?: Tensor } = {},
): Tensor {
  const [, channels] = four(map);
  const kernel = graph.reshape(factor, [channels, 1, 1, 1]);
  return convolve(graph, map, kernel, map.shape, { pads: [0, 0, 0, 0], groups: channels, bias: offset, ...options });
}

function times(graph: Graph, tensor: Tensor, factor: number): Tensor {
  return graph.node('Mul', [tensor, graph.constant([factor], [])], tensor.shape);
}
