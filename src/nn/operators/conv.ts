/**
 * Two-dimensional convolution, NCHW, dense (one group) or depthwise (one group a channel), and its two gradients.
 *
 * Forward (cross-correlation, stride s, top-left padding p):
 *
 *     y[n, o, i, j] = sum over c, u, v of  w[o, c, u, v] * x[n, c, s*i + u - p, s*j + v - p]
 *
 * Input gradient: every y that a pixel of x took part in sends its share back,
 *
 *     dx[n, c, a, b] = sum over o, u, v with s*i + u - p = a, s*j + v - p = b of  w[o, c, u, v] * dy[n, o, i, j]
 *
 * which is a transposed convolution of dy with w. For a 1 x 1 kernel it is the matrix product wT dy; at stride 1 it is
 * also an ordinary convolution of dy with w turned by 180 degrees, which the runtime does faster for depthwise kernels.
 *
 * Weight gradient: the same sum ordered by the kernel's indices,
 *
 *     dw[o, c, u, v] = sum over n, i, j of  dy[n, o, i, j] * x[n, c, s*i + u - p, s*j + v - p]
 *
 * which is a convolution of x with dy as the kernel, the stride as its dilation, and the images in the role of the
 * channels (dense) or of groups (depthwise; the sum over n is then left). For a 1 x 1 kernel it is sum_n dy[n] x[n]T.
 *
 * @see Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, relations 13 and 14.
 */
import type { Graph, Operator, OperatorCall, Tensor } from '../graph.js';
import { relu6, relu6Gradient } from './relu6.js';

export interface ConvAttributes {
  readonly stride: number;
  /** Zeros added at the top, left, bottom and right. */
  readonly pads: readonly [number, number, number, number];
  readonly depthwise: boolean;
  /** y = relu6(conv(x)) instead of conv(x). */
  readonly relu6?: boolean;
}

export type Four = readonly [number, number, number, number];

export const four = (tensor: Tensor): Four => {
  if (tensor.shape.length !== 4) throw new Error(`expected four dimensions, got [${tensor.shape}]`);
  return tensor.shape as unknown as Four;
};

/** `inputs`: x [N, C, H, W], w [O, C, kh, kw] (depthwise [C, 1, kh, kw]), bias [O] or none. Result [N, O, H', W']. */
export const conv: Operator<ConvAttributes> = {
  name: 'conv',

  forward(graph, inputs, attributes) {
    const { stride, pads, depthwise } = attributes;
    const shape = convShape(inputs[0]!, inputs[1]!, attributes);
    const y = graph.node('Conv', inputs, shape, {
      strides: { ints: [stride, stride] },
      pads: { ints: pads },
      group: { int: depthwise ? shape[1]! : 1 },
    });
    return attributes.relu6 ? relu6(graph, y) : y;
  },

  gradient(graph, call, outputGradient, [needX, needW, needBias]) {
    const dy = call.attributes.relu6 ? relu6Gradient(graph, call.output, outputGradient) : outputGradient;
    const pointwise = isPointwise(call);
    const { depthwise, stride } = call.attributes;
    const inputGradient = pointwise ? pointwiseInput : depthwise && stride === 1 ? rotatedInput : transposedInput;
    const isOfOneChannel = depthwise || call.inputs[0]!.shape[1] === 1;
    const weightGradient = pointwise ? pointwiseWeight : isOfOneChannel ? oneChannelWeight : denseWeight;
    return [
      needX ? inputGradient(graph, call, dy) : undefined,
      needW ? weightGradient(graph, call, dy) : undefined,
      needBias ? biasGradient(graph, dy) : undefined,
    ];
  },
};

type Call = OperatorCall<ConvAttributes>;

/** @returns [N, O, H', W'] */
export function convShape(x: Tensor, w: Tensor, { stride, pads, depthwise }: ConvAttributes): Four {
  const [n, c, height, width] = four(x);
  const [o, perGroup, kh, kw] = four(w);
  if (perGroup !== (depthwise ? 1 : c) || (depthwise && o !== c)) {
    throw new Error(`kernel [${w.shape}] does not fit input [${x.shape}]`);
  }
  const outHeight = Math.floor((height + pads[0] + pads[2] - kh) / stride) + 1;
  const outWidth = Math.floor((width + pads[1] + pads[3] - kw) / stride) + 1;
  return [n, o, outHeight, outWidth];
}

function isPointwise({ inputs, attributes }: Call): boolean {
  const [, , kh, kw] = four(inputs[1]!);
  return (
    !attributes.depthwise && kh === 1 && kw === 1 && attributes.stride === 1 && attributes.pads.every((p) => p === 0)
  );
}

/** dx[n] = wT dy[n], a 1 x 1 convolution with the transposed kernel. */
function pointwiseInput(graph: Graph, { inputs }: Call, dy: Tensor): Tensor {
  const [o, c] = four(inputs[1]!);
  const transposed = graph.node('Transpose', [inputs[1]!], [c, o, 1, 1], { perm: { ints: [1, 0, 2, 3] } });
  return graph.node('Conv', [dy, transposed], inputs[0]!.shape);
}

/** dw = sum_n dy[n] x[n]T, with the pixels of an image in a row (the runtime fuses the transpose into the product). */
function pointwiseWeight(graph: Graph, { inputs }: Call, dy: Tensor): Tensor {
  const [n, c, height, width] = four(inputs[0]!);
  const [o] = four(inputs[1]!);
  const pixels = height * width;
  const x = graph.reshape(inputs[0]!, [n, c, pixels]);
  const xT = graph.node('Transpose', [x], [n, pixels, c], { perm: { ints: [0, 2, 1] } });
  const perImage = graph.node('MatMul', [graph.reshape(dy, [n, o, pixels]), xT], [n, o, c]);
  return graph.reshape(graph.reduceSum(perImage, [0]), [o, c, 1, 1]);
}

/** Depthwise, stride 1: dy, padded to what the kernel reached beyond it, convolved with the kernel turned around. */
function rotatedInput(graph: Graph, { inputs, attributes: { pads } }: Call, dy: Tensor): Tensor {
  const [, c] = four(inputs[0]!);
  const [, , kh, kw] = four(inputs[1]!);
  const [top, left, bottom, right] = pads;
  return graph.node('Conv', [dy, rotateKernel(graph, inputs[1]!)], inputs[0]!.shape, {
    pads: { ints: [kh - 1 - top, kw - 1 - left, kh - 1 - bottom, kw - 1 - right] },
    group: { int: c },
  });
}

/** w turned by 180 degrees. */
function rotateKernel(graph: Graph, w: Tensor): Tensor {
  const end = -(2 ** 31);
  return graph.node(
    'Slice',
    [w, graph.integers([-1, -1]), graph.integers([end, end]), graph.integers([2, 3]), graph.integers([-1, -1])],
    w.shape,
  );
}

/** The runtime's transposed convolution; rows and columns that the stride left unread get zeros. */
function transposedInput(graph: Graph, { inputs, attributes }: Call, dy: Tensor): Tensor {
  const { stride, pads, depthwise } = attributes;
  const [, c, height, width] = four(inputs[0]!);
  const [, , kh, kw] = four(inputs[1]!);
  const [, , outHeight, outWidth] = four(dy);
  const unread = (size: number, k: number, before: number, after: number, out: number) =>
    size + before + after - ((out - 1) * stride + k);
  return graph.node('ConvTranspose', [dy, inputs[1]!], inputs[0]!.shape, {
    strides: { ints: [stride, stride] },
    pads: { ints: pads },
    group: { int: depthwise ? c : 1 },
    output_padding: {
      ints: [unread(height, kh, pads[0], pads[2], outHeight), unread(width, kw, pads[1], pads[3], outWidth)],
    },
  });
}

/**
 * Each kernel sees one channel, depthwise or because there is no more: images and channels are groups, [1, N*C, H, W]
 * convolved with dy as N*O kernels, as many sums at once; the sum over images follows.
 */
function oneChannelWeight(graph: Graph, call: Call, dy: Tensor): Tensor {
  const [n, c, height, width] = four(call.inputs[0]!);
  const [, o, outHeight, outWidth] = four(dy);
  const x = graph.reshape(call.inputs[0]!, [1, n * c, height, width]);
  const kernels = graph.reshape(dy, [n * o, 1, outHeight, outWidth]);
  const perImage = correlate(graph, call, x, kernels, n * c);
  const [, , kh, kw] = four(call.inputs[1]!);
  return graph.reduceSum(graph.reshape(perImage, [n, o, 1, kh, kw]), [0]);
}

/** Over the pixels first, which lie side by side, then over the images: in one go a graphics card has too few sums to do at once. */
function biasGradient(graph: Graph, dy: Tensor): Tensor {
  return graph.reduceSum(graph.reduceSum(dy, [2, 3]), [0]);
}

/** Images are channels: xT [C, N, H, W] convolved with dyT [O, N, H', W'] gives [C, O, kh, kw]. */
function denseWeight(graph: Graph, call: Call, dy: Tensor): Tensor {
  const swap = (tensor: Tensor): Tensor => {
    const [a, b, height, width] = four(tensor);
    if (a === 1 || b === 1) return graph.reshape(tensor, [b, a, height, width]);
    return graph.node('Transpose', [tensor], [b, a, height, width], { perm: { ints: [1, 0, 2, 3] } });
  };
  return swap(correlate(graph, call, swap(call.inputs[0]!), swap(dy), 1));
}

/**
 * The convolution of x with dy as kernel and the stride as dilation, cut to the kernel's size. A result three columns
 * wide is made four wide first: the runtime copies rows of four as one vector, and is a third faster for it.
 */
function correlate(graph: Graph, { inputs, attributes }: Call, x: Tensor, kernels: Tensor, groups: number): Tensor {
  const { stride, pads } = attributes;
  const [batch, , height, width] = four(x);
  const [o, , outHeight, outWidth] = four(kernels);
  const [, , kh, kw] = four(inputs[1]!);
  const reach = (size: number, before: number, after: number, out: number) =>
    size + before + after - (out - 1) * stride;
  const rows = reach(height, pads[0], pads[2], outHeight);
  const spare = kw === 3 && stride === 1 ? 1 : 0;
  const columns = reach(width, pads[1], pads[3] + spare, outWidth);
  const result = graph.node('Conv', [x, kernels], [batch, o, rows, columns], {
    dilations: { ints: [stride, stride] },
    pads: { ints: [pads[0], pads[1], pads[2], pads[3] + spare] },
    group: { int: groups },
  });
  return crop(graph, result, kh, kw);
}

/** The top left [.., height, width] of a map. */
function crop(graph: Graph, map: Tensor, height: number, width: number): Tensor {
  const [a, b, fullHeight, fullWidth] = four(map);
  if (height === fullHeight && width === fullWidth) return map;
  const starts = graph.integers([0, 0]);
  return graph.node(
    'Slice',
    [map, starts, graph.integers([height, width]), graph.integers([2, 3])],
    [a, b, height, width],
  );
}
