import type { Operator } from '../graph.js';

/** Rows side by side: inputs [N, I_1], [N, I_2], ... give [N, sum of I]; the gradient is cut apart again. */
export const concat: Operator<undefined> = {
  name: 'concat',

  forward(graph, inputs) {
    const width = inputs.reduce((sum, { shape }) => sum + shape[1]!, 0);
    return graph.node('Concat', inputs, [inputs[0]!.shape[0]!, width], { axis: { int: 1 } });
  },

  gradient(graph, { inputs }, dy, needed) {
    let end = 0;
    return inputs.map((input, i) => {
      const start = end;
      end += input.shape[1]!;
      if (!needed[i]) return undefined;
      const [from, to, axis] = [[start], [end], [1]].map((values) => graph.integers(values));
      return graph.node('Slice', [dy, from!, to!, axis!], input.shape);
    });
  },
};
