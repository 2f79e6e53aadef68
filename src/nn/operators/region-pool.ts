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
import type { Operator } from '../graph.js';

export interface RegionPoolAttributes {
  /** Grids of [rows, columns]; `[[1, 1], [1, 3]]` is the whole map and its three vertical thirds. */
  readonly grids: readonly (readonly [number, number])[];
}

/** `inputs`: x [N, C, H, W]. Result [N, C, R], R = cells of all grids, row by row. */
export const regionPool: Operator<RegionPoolAttributes> = {
  name: 'regionPool',

  forward(graph, [x], { grids }) {
    const [n, c, height, width] = x!.shape as [number, number, number, number];
    const regions = regionCount(grids);
    const rows = graph.reshape(x!, [n * c, height * width]);
    const pooled = graph.node(
      'MatMul',
      [rows, graph.constant(poolingMatrix(height, width, grids, false), [height * width, regions])],
      [n * c, regions],
    );
    return graph.reshape(pooled, [n, c, regions]);
  },

  gradient(graph, { inputs, attributes }, dy) {
    const [n, c, height, width] = inputs[0]!.shape as [number, number, number, number];
    const regions = regionCount(attributes.grids);
    const matrix = poolingMatrix(height, width, attributes.grids, true);
    const spread = graph.node(
      'MatMul',
      [graph.reshape(dy, [n * c, regions]), graph.constant(matrix, [regions, height * width])],
      [n * c, height * width],
    );
    return [graph.reshape(spread, inputs[0]!.shape)];
  },
};

export function regionCount(grids: RegionPoolAttributes['grids']): number {
  return grids.reduce((sum, [rows, columns]) => sum + rows * columns, 0);
}

/** @returns [P, R] row-major, or [R, P] when `transposed` */
function poolingMatrix(
  height: number,
  width: number,
  grids: RegionPoolAttributes['grids'],
  transposed: boolean,
): Float32Array {
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
