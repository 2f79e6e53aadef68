import type { Graph, Operator, Tensor } from '../graph.js';
import { rowSum } from './row-sum.js';

/**
 * Unit rows u [N, D] each times its radius r, which depends on the row: result y [N, D].
 *
 *     s = sqrt(D) u . w + b        r = exp(s)        y = r u
 *
 *     ds = y . dy        du = r dy + sqrt(D) ds w        dw = sqrt(D) sum over n of ds u        db = sum over n of ds
 *
 * The root of D gives the components of u a size near 1, whatever D is.
 */
export const radius: Operator<undefined> = {
  name: 'radius',

  forward(graph, [u, w, bias]) {
    const logarithm = graph.node('Add', [rowSum(graph, weighted(graph, u!, w!)), bias!], [u!.shape[0]!, 1]);
    const r = graph.node('Exp', [logarithm], logarithm.shape);
    return { output: graph.node('Mul', [u!, r], u!.shape), saved: [r] };
  },

  gradient(graph, { inputs, output, saved }, dy, [needU, needW, needBias]) {
    const [u, w] = inputs;
    const ds = rowSum(graph, graph.node('Mul', [output, dy], u!.shape));
    const through = graph.node('Mul', [dy, saved[0]!], u!.shape);
    return [
      needU ? graph.node('Add', [through, weighted(graph, ds, w!, u!.shape)], u!.shape) : undefined,
      needW ? graph.reduceSum(weighted(graph, u!, ds), [0]) : undefined,
      needBias ? graph.reduceSum(ds, [0]) : undefined,
    ];
  },
};

/** sqrt(D) a b, broadcast to [N, D]. */
function weighted(graph: Graph, a: Tensor, b: Tensor, shape = a.shape): Tensor {
  return graph.node('Mul', [graph.node('Mul', [a, b], shape), graph.constant([Math.sqrt(shape[1]!)], [])], shape);
}
