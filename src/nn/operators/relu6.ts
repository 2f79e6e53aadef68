import type { Operator } from '../graph.js';

/** Slope of the steps below; a power of two, so that 6 * SLOPE is exact in float32. */
const SLOPE = 2 ** 20;

/**
 * y = min(max(x, 0), 6); dx = dy where 0 < y < 6, else 0.
 *
 * The mask is made from two clipped lines, because HardSigmoid(y; a, b) = min(max(a y + b, 0), 1) runs at the speed of
 * memory while comparisons, Sign and Where do not: step(y > 0) - step(y >= 6), each a line of slope 2^20, exact but
 * for values within 10^-6 of 0 or 6.
 */
export const relu6: Operator<undefined> = {
  name: 'relu6',

  forward(graph, [x]) {
    return graph.node('Clip', [x!, graph.constant([0], []), graph.constant([6], [])], x!.shape);
  },

  gradient(graph, { output }, dy) {
    const above = graph.node('HardSigmoid', [output], output.shape, { alpha: { float: SLOPE }, beta: { float: 0 } });
    const saturated = graph.node('HardSigmoid', [output], output.shape, {
      alpha: { float: SLOPE },
      beta: { float: 1 - 6 * SLOPE },
    });
    const mask = graph.node('Sub', [above, saturated], output.shape);
    return [graph.node('Mul', [dy, mask], output.shape)];
  },
};
