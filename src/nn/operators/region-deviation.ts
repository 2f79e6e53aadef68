import type { Operator } from '../graph.js';
import { meansOver, type RegionPoolAttributes, spreadOver } from './region-pool.js';

/** Keeps the deviation of a region of one value away from 0, where it has no gradient. */
const EPSILON = 1e-6;

/**
 * Standard deviations over regions of a feature map. In the notation of region-pool.ts, with mu = the means:
 *
 *     y[n, c, r] = sqrt(max(0, sum over p of  x[n, c, p]^2 m[p, r]  -  mu[n, c, r]^2) + eps)
 *
 *     dx[n, c, p] = sum over r of  dy[n, c, r] / y[n, c, r]  (x[n, c, p] - mu[n, c, r]) m[p, r]
 *
 * `inputs`: x [N, C, H, W]. Result [N, C, R].
 */
export const regionDeviation: Operator<RegionPoolAttributes> = {
  name: 'regionDeviation',

  forward(graph, [x], { grids }) {
    const mean = meansOver(graph, x!, grids);
    const { shape } = mean;
    const ofSquares = meansOver(graph, graph.node('Mul', [x!, x!], x!.shape), grids);
    const difference = graph.node('Sub', [ofSquares, graph.node('Mul', [mean, mean], shape)], shape);
    const variance = graph.node('Add', [graph.node('Relu', [difference], shape), graph.constant([EPSILON], [])], shape);
    return { output: graph.node('Sqrt', [variance], shape), saved: [mean] };
  },

  gradient(graph, { inputs, output, saved, attributes: { grids } }, dy) {
    const { shape } = inputs[0]!;
    const slope = graph.node('Div', [dy, output], dy.shape);
    const ofMeans = graph.node('Mul', [slope, saved[0]!], dy.shape);
    const scaled = graph.node('Mul', [inputs[0]!, spreadOver(graph, slope, shape, grids)], shape);
    return [graph.node('Sub', [scaled, spreadOver(graph, ofMeans, shape, grids)], shape)];
  },
};
