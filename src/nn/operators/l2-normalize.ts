import type { Graph, Operator, Tensor } from '../graph.js';
import { rowSum } from './row-sum.js';

/** Keeps the norm of an all-zero row away from 0. */
const EPSILON = 1e-12;

/**
 * Rows scaled to Euclidean norm 1. With r = sqrt(sum x^2 + eps) and y = x / r:
 *
 *     dx = (dy - y (y . dy)) / r
 *
 * the gradient's part along y is taken away, since moving along a ray does not move its point on the sphere.
 */
export const l2Normalize: Operator<undefined> = {
  name: 'l2Normalize',

  forward(graph, [x]) {
    return graph.node('Div', [x!, norm(graph, x!)], x!.shape);
  },

  gradient(graph, { inputs, output }, dy) {
    const x = inputs[0]!;
    const along = rowSum(graph, graph.node('Mul', [output, dy], x.shape));
    const tangent = graph.node('Sub', [dy, graph.node('Mul', [output, along], x.shape)], x.shape);
    return [graph.node('Div', [tangent, norm(graph, x)], x.shape)];
  },
};

function norm(graph: Graph, x: Tensor): Tensor {
  const squares = rowSum(graph, graph.node('Mul', [x, x], x.shape));
  const shifted = graph.node('Add', [squares, graph.constant([EPSILON], [])], squares.shape);
  return graph.node('Sqrt', [shifted], squares.shape);
}
