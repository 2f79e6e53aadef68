/**
 * The convolutions of a MobileNet and their gradients on blocked feature maps (see blocked-layout.ts).
 *
 * The mathematics is that of conv.ts; what differs is how the sums are laid out for the machine:
 *
 * - **Forward and input gradient** are the runtime's blocked convolutions; the kernels are brought into their order in
 *   the graph, by nodes that depend on parameters alone and so need to run once a step (see subgraph.ts).
 * - **Depthwise weight gradient.** dw[c, u, v] = sum over n, i, j of dy[n, c, i, j] x[n, c, s*i + u - p, s*j + v - p] is
 *   a depthwise convolution over N C channels with dy as the kernel, and a blocked map [N, C/b, H', W', b] is, byte for
 *   byte, a blocked depthwise kernel of size H' x W'. So nothing is copied, and `block` channels are summed at a time.
 * - **1 x 1 weight gradient.** dw = sum over n, pixels of dy x^T. Of the two maps the one with fewer channels is brought
 *   into plain order, A [K, pixels]; the other one's blocks are matrices B [pixels, b] as they lie, and A B gives K x b
 *   numbers of dw. Where there are more weights than pixels the images are put in one row first, so that the sum over n
 *   happens inside the product.
 * - **Bias gradient.** The runtime's blocked global average pooling, times the number of pixels.
 */
import type { AttributeValue, Graph, Operator, OperatorCall, Tensor } from '../graph.js';
import {
  blockedChannels,
  blockOf,
  blocksOf,
  cutTo,
  fillUp,
  NCHWC,
  negative,
  planarOf,
  transpose,
} from './blocked-layout.js';
import { type ConvAttributes, convShape, four } from './conv.js';
import { maskBetween } from './relu6.js';

type Call = OperatorCall<ConvAttributes>;
type Pads = ConvAttributes['pads'];

/**
 * `inputs`: x blocked [N, C, H, W], or plain [N, C, H, W] when it is an image; w and bias, which may be absent,
 * plain, as in conv.ts.
 * Result blocked. Kernels are 1 x 1 of stride 1, depthwise with padding "same", or those of a first layer, whose input
 * needs no gradient.
 */
export const blockedConv: Operator<ConvAttributes> = {
  name: 'blockedConv',

  forward(graph, [x, w, bias], attributes) {
    const [o, perGroup] = four(w!);
    const { depthwise, stride, pads } = attributes;
    const first = isFirst(graph, x!);
    const channels = depthwise ? o : perGroup;
    if (x!.shape[1] !== (first ? channels : blockedChannels(graph, channels))) {
      throw new Error(`kernel [${w!.shape}] does not fit blocked input [${x!.shape}]`);
    }
    const logical = { ...x!, shape: [x!.shape[0]!, channels, ...x!.shape.slice(2)] };
    const [n, , height, width] = convShape(logical, w!, attributes);
    const filled = blockedChannels(graph, o);
    const kernelOf = depthwise || first ? blockFirstAxis : pointwiseKernel;
    const kernel = kernelOf(graph, w!);
    // -y from -x; only the first layer is given x itself.
    return convolve(graph, x!, first ? negative(graph, kernel) : kernel, [n, filled, height, width], {
      stride,
      pads,
      groups: depthwise ? filled : 1,
      bias: bias && negative(graph, fillUp(graph, bias, [filled])),
      relu6: attributes.relu6 ?? false,
    });
  },

  gradient(graph, call, outputGradient, [needX, needW, needBias]) {
    const { inputs, attributes, output } = call;
    // Maps hold -y, so this is dL/d(-y), y being the convolution before ReLU6.
    const dy = attributes.relu6 ? maskBetween(graph, output, outputGradient) : outputGradient;
    const first = isFirst(graph, inputs[0]!);
    const inputGradient = attributes.depthwise ? depthwiseInput : pointwiseInput;
    const weightGradient = attributes.depthwise ? depthwiseWeight : first ? firstWeight : pointwiseWeight;
    if (needX && first) throw new Error('the first layer of a blocked network gives its input no gradient');
    return [
      needX ? inputGradient(graph, call, dy) : undefined,
      needW ? weightGradient(graph, call, dy) : undefined,
      needBias ? biasGradient(graph, call, dy) : undefined,
    ];
  },
};

/** No operator made it: the image, as it is or enlarged. */
const isFirst = (graph: Graph, x: Tensor) => graph.tape.every(({ output }) => output !== x);

/** One blocked convolution node. `kernel` lies in the order its kind needs, under its plain shape. */
export function convolve(
  graph: Graph,
  x: Tensor,
  kernel: Tensor,
  shape: readonly number[],
  options: {
    readonly pads: Pads;
    readonly groups: number;
    readonly stride?: number;
    readonly dilation?: number;
    readonly bias?: Tensor | undefined;
    /** A map of the result's shape that is added to it, before ReLU6; needs a bias. */
    readonly addTo?: Tensor;
    readonly relu6?: boolean;
  },
): Tensor {
  const { pads, groups, stride = 1, dilation = 1, bias, addTo, relu6 = false } = options;
  const activation: Record<string, AttributeValue> = relu6
    ? { activation: { string: 'Clip' }, activation_params: { floats: [-6, 0] } }
    : {};
  return graph.node(
    'Conv',
    [x, kernel, ...(bias ? [bias] : []), ...(addTo ? [addTo] : [])],
    shape,
    {
      kernel_shape: { ints: kernel.shape.slice(2) },
      strides: { ints: [stride, stride] },
      dilations: { ints: [dilation, dilation] },
      pads: { ints: pads },
      group: { int: groups },
      ...activation,
    },
    NCHWC,
  );
}

/** w [O, C, 1, 1] in the order [O/b, C/b, b of C, b of O]. */
function pointwiseKernel(graph: Graph, w: Tensor): Tensor {
  return transposedBlocks(graph, w, [0, 2, 3, 1]);
}

/** w^T, the kernel from the output's gradient to the input's: [C/b, O/b, b of O, b of C]. */
function transposedKernel(graph: Graph, w: Tensor): Tensor {
  return transposedBlocks(graph, w, [2, 0, 1, 3]);
}

function transposedBlocks(graph: Graph, w: Tensor, perm: readonly number[]): Tensor {
  const block = blockOf(graph);
  const [o, c, kh, kw] = four(w);
  if (kh !== 1 || kw !== 1)
    throw new Error(`a blocked network has no dense ${kh} x ${kw} kernel behind its first layer`);
  const [rows, columns] = [blockedChannels(graph, o), blockedChannels(graph, c)];
  const filled = fillUp(graph, w, [rows, columns]);
  const blocks = graph.reshape(filled, [rows / block, block, columns / block, block]);
  const kernel = transpose(graph, blocks, perm);
  return graph.reshape(kernel, perm[0] === 0 ? [rows, columns, 1, 1] : [columns, rows, 1, 1]);
}

/** A depthwise w [C, 1, kh, kw] turned by 180 degrees, in the order [C/b, kh, kw, b]. */
function rotatedKernel(graph: Graph, w: Tensor): Tensor {
  const [c, , kh, kw] = four(w);
  const taps = graph.reshape(w, [c, kh * kw]);
  const end = -(2 ** 31);
  const bounds = [[-1], [end], [1], [-1]].map((values) => graph.integers(values));
  const turned = graph.node('Slice', [taps, ...bounds], taps.shape);
  return blockFirstAxis(graph, graph.reshape(turned, w.shape));
}

/** w [O, C, kh, kw] in the order [O/b, C, kh, kw, b]. */
function blockFirstAxis(graph: Graph, w: Tensor): Tensor {
  const block = blockOf(graph);
  const [o, c, kh, kw] = four(w);
  const filled = blockedChannels(graph, o);
  const rows = graph.reshape(fillUp(graph, w, [filled]), [filled / block, block, c * kh * kw]);
  return graph.reshape(transpose(graph, rows, [0, 2, 1]), [filled, c, kh, kw]);
}

/** dx = w^T dy, pixel by pixel. */
function pointwiseInput(graph: Graph, { inputs }: Call, dy: Tensor): Tensor {
  return convolve(graph, dy, transposedKernel(graph, inputs[1]!), inputs[0]!.shape, { pads: [0, 0, 0, 0], groups: 1 });
}

/** dy, with zeros between its pixels where the stride was more than 1, convolved with the kernel turned around. */
function depthwiseInput(graph: Graph, { inputs, attributes: { stride, pads } }: Call, dy: Tensor): Tensor {
  const [, channels, height, width] = four(inputs[0]!);
  const [, , kh, kw] = four(inputs[1]!);
  const spread = spreadPixels(graph, dy, stride);
  const [, , spreadHeight, spreadWidth] = four(spread);
  const [top, left] = [kh - 1 - pads[0], kw - 1 - pads[1]];
  const bottom = height - spreadHeight + kh - 1 - top;
  const right = width - spreadWidth + kw - 1 - left;
  return convolve(graph, spread, rotatedKernel(graph, inputs[1]!), inputs[0]!.shape, {
    pads: [top, left, bottom, right],
    groups: channels,
  });
}

/** [N, C, H, W] -> [N, C, s H, s W]: every pixel followed by s - 1 pixels, every row by s - 1 rows, of zeros. */
function spreadPixels(graph: Graph, map: Tensor, stride: number): Tensor {
  if (stride === 1) return map;
  const [n, c, height, width] = four(map);
  const block = blockOf(graph);
  const rows = graph.reshape(map, [n, (c / block) * height, 1, width, block]);
  const filled = fillUp(graph, rows, [n, (c / block) * height, stride, width, stride * block]);
  return graph.reshape(filled, [n, c, stride * height, stride * width]);
}

/** x [1, N C, H, W] convolved with dy as its N C kernels, the stride as their dilation; then the sum over n. */
function depthwiseWeight(graph: Graph, { inputs, attributes: { stride, pads } }: Call, dy: Tensor): Tensor {
  const [n, c, height, width] = four(inputs[0]!);
  const [, , outHeight, outWidth] = four(dy);
  const [channels, , kh, kw] = four(inputs[1]!);
  const block = blockOf(graph);
  const x = graph.reshape(inputs[0]!, [1, n * c, height, width]);
  const kernels = graph.reshape(dy, [n * c, 1, outHeight, outWidth]);
  // What the kernel's last tap does not reach of a map whose last row or column the stride left out.
  const unread = (size: number, k: number, before: number, after: number, out: number) =>
    size + before + after - ((out - 1) * stride + k);
  const bottom = pads[2] - unread(height, kh, pads[0], pads[2], outHeight);
  const right = pads[3] - unread(width, kw, pads[1], pads[3], outWidth);
  const perImage = convolve(graph, x, kernels, [1, n * c, kh, kw], {
    pads: [pads[0], pads[1], bottom, right],
    groups: n * c,
    dilation: stride,
  });
  const summed = graph.reduceSum(graph.reshape(perImage, [n, c / block, kh * kw, block]), [0]);
  const taps = graph.reshape(transpose(graph, summed, [0, 2, 1]), [c, 1, kh, kw]);
  return cutTo(graph, taps, [channels]);
}

/** dw [O, C, 1, 1] from A B (see above), A from the map of fewer channels. */
function pointwiseWeight(graph: Graph, { inputs }: Call, dy: Tensor): Tensor {
  const [x, w] = [inputs[0]!, inputs[1]!];
  const [o, c] = four(w);
  if (c <= o) {
    const blocks = blocksTimesPlanar(graph, dy, x, c); // [O/b, C, b]
    const rows = transpose(graph, blocks, [0, 2, 1]);
    return graph.reshape(cutTo(graph, graph.reshape(rows, [dy.shape[1]!, c]), [o]), w.shape);
  }
  const blocks = blocksTimesPlanar(graph, x, dy, o); // [C/b, O, b]
  const rows = graph.reshape(transpose(graph, blocks, [1, 0, 2]), [o, x.shape[1]!]);
  return graph.reshape(cutTo(graph, rows, [o, c]), w.shape);
}

/** sum over n of A[n] B[n, k] for every block k: [blocks of `wide`, channels of `narrow`, b]. */
function blocksTimesPlanar(graph: Graph, wide: Tensor, narrow: Tensor, channels: number): Tensor {
  const [n, wideChannels, height, width] = four(wide);
  const block = blockOf(graph);
  const blocks = wideChannels / block;
  const pixels = height * width;
  const planar = graph.reshape(planarOf(graph, narrow, channels), [n, channels, pixels]);
  const b = blocksOf(graph, wide); // [N, blocks, pixels, b]
  if (n > 1 && channels * wideChannels > n * pixels * Math.min(channels, block)) {
    const row = graph.reshape(transpose(graph, planar, [1, 0, 2]), [channels, n * pixels]);
    const column = graph.reshape(transpose(graph, b, [1, 0, 2, 3]), [blocks, n * pixels, block]);
    return graph.node('MatMul', [row, column], [blocks, channels, block]);
  }
  const a = graph.reshape(planar, [n, 1, channels, pixels]);
  return graph.reduceSum(graph.node('MatMul', [a, b], [n, blocks, channels, block]), [0]);
}

/** A [C kh kw, pixels] holds, in row (c, u, v), the pixels of x that tap (u, v) met; B are dy's blocks. */
function firstWeight(graph: Graph, { inputs, attributes: { stride, pads } }: Call, dy: Tensor): Tensor {
  const [x, w] = [inputs[0]!, inputs[1]!];
  const [n, c, height, width] = four(x);
  const [o, , kh, kw] = four(w);
  const [, filled, outHeight, outWidth] = four(dy);
  const block = blockOf(graph);
  const padded = graph.node(
    'Pad',
    [x, graph.integers([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]])],
    [n, c, height + pads[0] + pads[2], width + pads[1] + pads[3]],
  );
  const taps: Tensor[] = [];
  for (let u = 0; u < kh; u++) {
    for (let v = 0; v < kw; v++) {
      const ends = [u + stride * (outHeight - 1) + 1, v + stride * (outWidth - 1) + 1];
      taps.push(
        graph.node(
          'Slice',
          [
            padded,
            graph.integers([u, v]),
            graph.integers(ends),
            graph.integers([2, 3]),
            graph.integers([stride, stride]),
          ],
          [n, c, outHeight, outWidth],
        ),
      );
    }
  }
  const stacked = graph.node('Concat', taps, [n, kh * kw * c, outHeight, outWidth], { axis: { int: 1 } });
  const a = graph.reshape(stacked, [n, 1, kh * kw * c, outHeight * outWidth]);
  const product = graph.node('MatMul', [a, blocksOf(graph, dy)], [n, filled / block, kh * kw * c, block]);
  const blocks = graph.reshape(graph.reduceSum(product, [0]), [filled / block, kh * kw, c, block]);
  const rows = graph.reshape(transpose(graph, blocks, [0, 3, 2, 1]), [filled, c, kh, kw]);
  return negative(graph, cutTo(graph, rows, [o]));
}

/** -(sum over n, i, j of dy). */
function biasGradient(graph: Graph, { inputs }: Call, dy: Tensor): Tensor {
  const [n, filled, height, width] = four(dy);
  const means = graph.node('GlobalAveragePool', [dy], [n, filled, 1, 1], {}, NCHWC);
  const sums = graph.node('Mul', [graph.reduceSum(means, [0, 2, 3]), graph.constant([-height * width], [])], [filled]);
  return cutTo(graph, sums, inputs[2]!.shape);
}
