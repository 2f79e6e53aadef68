/**
 * Means over regions of a feature map.
 *
 * Forward, with the map's pixels in a row (P = H W) and a constant matrix m [P, R] whose column r holds the weight of
 * every pixel in region r (weights sum to 1):
 *
 *     y[n, c, r] = sum over p of  x[n, c, p] m[p, r]            dx[n, c, p] = sum over r of  dy[n, c, r] m[p, r]
 *
 * Global average pooling is the case of one region. Cells of a grid that does not divide the map share its border
 * pixels by area.
 */
import type { Graph, Operator, Tensor } from '../graph.js';

/** Of [rows, columns]; `[[1, 1], [1, 3]]` is the whole map and its three vertical thirds. */
export type Grids = readonly (readonly [number, number])[];

export interface RegionPoolAttributes {
  readonly grids: Grids;
}

/** `inputs`: x [N, C, H, W]. Result [N, C, R], R = cells of all grids, row by row. */
export const regionPool: Operator<RegionPoolAttributes> = {
  name: 'regionPool',

  forward: (graph, [x], { grids }) => meansOver(graph, x!, grids),

  gradient: (graph, { inputs, attributes }, dy) => [spreadOver(graph, dy, inputs[0]!.shape, attributes.grids)],
};

/** m^T x: [N, C, H, W] to [N, C, R]. */
export function meansOver(graph: Graph, x: Tensor, grids: Grids): Tensor {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const regions = regionCount(grids);
  const matrix = graph.constant(poolingMatrix(height, width, grids, false), [height * width, regions]);
  const rows = graph.reshape(x, [n * c, height * width]);
  return graph.reshape(graph.node('MatMul', [rows, matrix], [n * c, regions]), [n, c, regions]);
}

/** m y: [N, C, R] to `shape`, [N, C, H, W]. */
export function spreadOver(graph: Graph, y: Tensor, shape: readonly number[], grids: Grids): Tensor {
  const [n, c, height, width] = shape as [number, number, number, number];
  const regions = regionCount(grids);
  const matrix = graph.constant(poolingMatrix(height, width, grids, true), [regions, height * width]);
  const rows = graph.reshape(y, [n * c, regions]);
  return graph.reshape(graph.node('MatMul', [rows, matrix], [n * c, height * width]), shape);
}

export function regionCount(grids: Grids): number {
  return grids.reduce((sum, [rows, columns]) => sum + rows * columns, 0);
}

/** @returns [P, R] row-major, or [R, P] when `transposed` */
function poolingMatrix(height: number, width: number, grids: Grids, transposed: boolean): Float32Array {
  const pixels = height * width;
  const regions = regionCount(grids);
  const matrix = new Float32Array(pixels * regions);
  let region = 0;
  for (const [rows, columns] of grids) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, region++) {
        for (let pixel = 0; pixel < pixels; pixel++) {
          const weight =
            overlap(Math.floor(pixel / width), row, height / rows) * overlap(pixel % width, column, width / columns);
          matrix[transposed ? region * pixels + pixel : pixel * regions + region] = (weight * rows * columns) / pixels;
        }
      }
    }
  }
  return matrix;
}

/** Length that the pixel [i, i + 1] shares with the cell [k size, (k + 1) size]. */
function overlap(i: number, k: number, size: number): number {
  return Math.max(0, Math.min(i + 1, (k + 1) * size) - Math.max(i, k * size));
}
