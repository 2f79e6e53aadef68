/**
 * ReLU6, y = min(max(x, 0), 6), as the end of a convolution.
 *
 * Its gradient, dx = dy where 0 < y < 6, else 0, needs y alone. The mask is made of operators that run at the speed of
 * memory; comparisons, Sign and Where do not:
 *
 *     t = -y where -y > -6, else 0         ThresholdedRelu: zero at both corners, negative between them
 *     mask = min(max(-a t, 0), 1)          HardSigmoid with a steep slope a: 0 where t = 0, 1 where t < -1 / a
 */
import type { Graph, Tensor } from '../graph.js';

/** a; the mask is off by less than 1 only where 0 < y < 10^-6. */
const SLOPE = 2 ** 20;

export function relu6(graph: Graph, x: Tensor): Tensor {
  return graph.node('Clip', [x, graph.constant([0], []), graph.constant([6], [])], x.shape);
}

/** @param y - what `relu6` gave; @returns dL/dx */
export function relu6Gradient(graph: Graph, y: Tensor, dy: Tensor): Tensor {
  return maskBetween(graph, graph.node('Neg', [y], y.shape), dy);
}

/** @param negative - -y; @returns dy where -6 < -y < 0, else 0 */
export function maskBetween(graph: Graph, negative: Tensor, dy: Tensor): Tensor {
  const between = graph.node('ThresholdedRelu', [negative], dy.shape, { alpha: { float: -6 } });
  const mask = graph.node('HardSigmoid', [between], dy.shape, { alpha: { float: -SLOPE }, beta: { float: 0 } });
  return graph.node('Mul', [dy, mask], dy.shape);
}
