import type { Operator } from '../graph.js';

/** y = a + b, equal shapes (a residual connection); da = db = dy. */
export const add: Operator<undefined> = {
  name: 'add',

  forward(graph, [a, b]) {
    if (String(a!.shape) !== String(b!.shape)) throw new Error(`cannot add [${b!.shape}] to [${a!.shape}]`);
    return graph.node('Add', [a!, b!], a!.shape);
  },

  gradient(_graph, _call, dy) {
    return [dy, dy];
  },
};
