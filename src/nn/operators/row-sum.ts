import type { Graph, Tensor } from '../graph.js';

/** Sum of each row of x [N, D]: [N, 1], which broadcasts over the row. */
export function rowSum(graph: Graph, x: Tensor): Tensor {
  return graph.node('ReduceSum', [x, graph.integers([1])], [x.shape[0]!, 1], { keepdims: { int: 1 } });
}
