/**
 * The memory order in which ONNX Runtime computes convolutions fastest: `block` channels side by side.
 *
 * A feature map [N, C, H, W] lies in memory as [N, C / block, H, W, block], C filled up with channels of zeros to a
 * multiple of the block, so that one vector instruction treats `block` channels of a pixel. The runtime brings models
 * into this order by itself (the operators of domain `com.microsoft.nchwc`), but only where weights are constants; in
 * training they are inputs, so the graph is written in it from the start. The block depends on the processor: ask
 * `channelBlock` in runtime/. Operators that work on each element alone need not know about the order.
 *
 * Blocked maps hold the negatives of their values. That costs nothing (biases and the first kernel change their sign,
 * once a step), and the mask of ReLU6 is then made of the map itself, one pass over memory less (see relu6.ts).
 *
 * @see onnxruntime/core/optimizer/nchwc_transformer.cc
 */
import type { Graph, Operator, Tensor } from '../graph.js';

/** Operator set of the runtime's blocked convolutions. */
export const NCHWC = 'com.microsoft.nchwc';

/** C filled up to whole blocks. */
export function blockedChannels(graph: Graph, channels: number): number {
  const block = blockOf(graph);
  return Math.ceil(channels / block) * block;
}

export function blockOf(graph: Graph): number {
  if (graph.channelBlock === undefined) throw new Error('this graph is not blocked');
  return graph.channelBlock;
}

/** A map as it lies in memory, pixels in a row: [N, C / block, H W, block]. */
export function blocksOf(graph: Graph, map: Tensor): Tensor {
  const [n, c, height, width] = map.shape as [number, number, number, number];
  const block = blockOf(graph);
  return graph.reshape(map, [n, c / block, height * width, block]);
}

/** @param channels - without the ones that fill the last block up; @returns [N, channels, H, W] in plain order */
export function planarOf(graph: Graph, map: Tensor, channels: number): Tensor {
  const [n, , height, width] = map.shape as [number, number, number, number];
  return graph.node('ReorderOutput', [map], [n, channels, height, width], { channels: { int: channels } }, NCHWC);
}

export function negative(graph: Graph, tensor: Tensor): Tensor {
  return graph.node('Neg', [tensor], tensor.shape);
}

/** From a blocked map, which holds negatives, to plain values, before a head; the gradient goes the other way. */
export const toPlanar: Operator<{ readonly channels: number }> = {
  name: 'toPlanar',

  forward(graph, [map], { channels }) {
    return negative(graph, planarOf(graph, map!, channels));
  },

  gradient(graph, { inputs }, dy) {
    const [n, c] = dy.shape as [number, number];
    const fours = fillUp(graph, dy, [n, Math.ceil(c / 4) * 4]); // which is all the operator takes
    return [graph.node('ReorderInput', [negative(graph, fours)], inputs[0]!.shape, {}, NCHWC)];
  },
};

/** Zeros behind the end of the first axes, up to the sizes given. */
export function fillUp(graph: Graph, tensor: Tensor, sizes: readonly number[]): Tensor {
  const shape = tensor.shape.map((size, axis) => sizes[axis] ?? size);
  if (String(shape) === String(tensor.shape)) return tensor;
  const after = shape.map((size, axis) => size - tensor.shape[axis]!);
  return graph.node('Pad', [tensor, graph.integers([...after.map(() => 0), ...after])], shape);
}

/** The inverse of `fillUp`. */
export function cutTo(graph: Graph, tensor: Tensor, sizes: readonly number[]): Tensor {
  const shape = tensor.shape.map((size, axis) => sizes[axis] ?? size);
  if (String(shape) === String(tensor.shape)) return tensor;
  const axes = graph.integers(shape.map((_, axis) => axis));
  return graph.node('Slice', [tensor, graph.integers(shape.map(() => 0)), graph.integers(shape), axes], shape);
}

export function transpose(graph: Graph, tensor: Tensor, perm: readonly number[]): Tensor {
  const shape = perm.map((axis) => tensor.shape[axis]!);
  return graph.node('Transpose', [tensor], shape, { perm: { ints: perm } });
}
