import type { Operator } from '../graph.js';

export interface ReshapeAttributes {
  /** Sizes behind the batch, which stays. */
  readonly shape: readonly number[];
}

/** The same values in another shape, batch kept; dx = dy in the shape of x. */
export const reshape: Operator<ReshapeAttributes> = {
  name: 'reshape',

  forward(graph, [x], { shape }) {
    return graph.reshape(x!, [x!.shape[0]!, ...shape]);
  },

  gradient(graph, { inputs }, dy) {
    return [graph.reshape(dy, inputs[0]!.shape)];
  },
};
