import type { Operator } from '../graph.js';
import { meansOver, refuseRegionGradient, spreadOver } from './region-pool.js';

/** Keeps the deviation of a region of one value away from 0, where it has no gradient. */
const EPSILON = 1e-6;

/**
 * Standard deviations over regions of a feature map. In the notation of region-pool.ts, with mu = the means:
 *
 *     y[n, c, r] = sqrt(max(0, sum over p of  x[n, c, p]^2 m[r, p]  -  mu[n, c, r]^2) + eps)
 *
 *     dx[n, c, p] = sum over r of  dy[n, c, r] / y[n, c, r]  (x[n, c, p] - mu[n, c, r]) m[r, p]
 *
 * `inputs`: x [N, C, H, W], regions [R, H W] or [N, R, H W]. Result [N, C, R].
 */
export const regionDeviation: Operator = {
  name: 'regionDeviation',

  forward(graph, [x, regions]) {
    const mean = meansOver(graph, x!, regions!);
    const { shape } = mean;
    const ofSquares = meansOver(graph, graph.node('Mul', [x!, x!], x!.shape), regions!);
    const difference = graph.node('Sub', [ofSquares, graph.node('Mul', [mean, mean], shape)], shape);
    const variance = graph.node('Add', [graph.node('Relu', [difference], shape), graph.constant([EPSILON], [])], shape);
    return { output: graph.node('Sqrt', [variance], shape), saved: [mean] };
  },

  gradient(graph, { inputs: [x, regions], output, saved }, dy, needed) {
    refuseRegionGradient(needed);
    const { shape } = x!;
    const slope = graph.node('Div', [dy, output], dy.shape);
    const ofMeans = graph.node('Mul', [slope, saved[0]!], dy.shape);
    const scaled = graph.node('Mul', [x!, spreadOver(graph, slope, shape, regions!)], shape);
    return [graph.node('Sub', [scaled, spreadOver(graph, ofMeans, shape, regions!)], shape)];
  },
};
