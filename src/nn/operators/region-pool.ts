/**
 * Means over regions of a feature map.
 *
 * Forward, with the map's pixels in a row (P = H W) and a matrix m [R, P] whose row r holds the weight of every pixel in
 * region r (weights sum to 1), the same for all images or of each its own (see regions.ts):
 *
 *     y[n, c, r] = sum over p of  x[n, c, p] m[r, p]            dx[n, c, p] = sum over r of  dy[n, c, r] m[r, p]
 *
 * Global average pooling is the case of one region. Regions have no gradient: nothing that is learnt lies before them.
 */
import type { Graph, Operator, Tensor } from '../graph.js';
import { transpose } from './blocked-layout.js';

/** `inputs`: x [N, C, H, W], regions [R, H W] or [N, R, H W]. Result [N, C, R]. */
export const regionPool: Operator = {
  name: 'regionPool',

  forward: (graph, [x, regions]) => meansOver(graph, x!, regions!),

  gradient(graph, { inputs: [x, regions] }, dy, needed) {
    refuseRegionGradient(needed);
    return [spreadOver(graph, dy, x!.shape, regions!)];
  },
};

/** Regions are read off the image, in which nothing is learnt. */
export function refuseRegionGradient([, ofRegions]: readonly boolean[]): void {
  if (ofRegions) throw new Error('regions have no gradient');
}

/** x m^T: [N, C, H, W] to [N, C, R]. */
export function meansOver(graph: Graph, x: Tensor, regions: Tensor): Tensor {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const [count, pixels] = regions.shape.slice(-2) as [number, number];
  if (pixels !== height * width) throw new Error(`regions [${regions.shape}] do not fit map [${x.shape}]`);
  const matrix = transpose(graph, regions, regions.shape.length === 2 ? [1, 0] : [0, 2, 1]);
  return graph.node('MatMul', [graph.reshape(x, [n, c, pixels]), matrix], [n, c, count]);
}

/** y m: [N, C, R] to `shape`, [N, C, H, W]. */
export function spreadOver(graph: Graph, y: Tensor, shape: readonly number[], regions: Tensor): Tensor {
  const [n, c, height, width] = shape as [number, number, number, number];
  return graph.reshape(graph.node('MatMul', [y, regions], [n, c, height * width]), shape);
}
