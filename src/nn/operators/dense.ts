import type { Operator } from '../graph.js';

/**
 * y = x wT + b for x [N, I], w [O, I], b [O]; result [N, O].
 *
 *     dx = dy w        dw = dyT x        db = sum over n of dy[n]
 */
export const dense: Operator<undefined> = {
  name: 'dense',

  forward(graph, [x, w, bias]) {
    const [n, i] = x!.shape as [number, number];
    const [o, perUnit] = w!.shape as [number, number];
    if (perUnit !== i) throw new Error(`kernel [${w!.shape}] does not fit input [${x!.shape}]`);
    return graph.node('Gemm', [x!, w!, bias!], [n, o], { transB: { int: 1 } });
  },

  gradient(graph, { inputs }, dy, [needX, needW, needBias]) {
    const [x, w] = inputs;
    return [
      needX ? graph.node('MatMul', [dy, w!], x!.shape) : undefined,
      needW ? graph.node('Gemm', [dy, x!], w!.shape, { transA: { int: 1 } }) : undefined,
      needBias ? graph.reduceSum(dy, [0]) : undefined,
    ];
  },
};
