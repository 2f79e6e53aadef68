/**
 * All parameters as one input, all gradients as one output. What a graphics card is sent and gives back costs half a
 * millisecond a tensor, whatever its size: with 160 parameters that is more than the network itself.
 */
import { elementCount, type Graph, type Tensor } from './graph.js';

/** The input that holds all parameters, one behind the other in the order of their declaration. */
export const FLAT_PARAMETERS = 'parameters';

/** WebGPU promises a kernel eight tensors: seven pieces and what they become. */
const JOINED_AT_ONCE = 7;

/** Changes the graph: its parameters are cut out of an input. */
export function takeFlatParameters(graph: Graph): void {
  const body = graph.nodes.splice(0);
  const parameters = graph.parameters.splice(0);
  const total = parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const flat = graph.input(FLAT_PARAMETERS, [total]);
  let start = 0;
  for (const parameter of parameters) {
    const end = start + elementCount(parameter.shape);
    const bounds = [start, end].map((place) => graph.integers([place]));
    const piece = graph.node('Slice', [flat, ...bounds, graph.integers([0])], [end - start]);
    const inputs = [piece, graph.integers(parameter.shape)];
    graph.nodes.push({ op: 'Reshape', domain: '', inputs, outputs: [parameter], attributes: {} });
    start = end;
  }
  graph.nodes.push(...body);
}

/** @returns the tensors one behind the other, [sum of their sizes] */
export function joined(graph: Graph, tensors: readonly Tensor[]): Tensor {
  let pieces = tensors.map((tensor) => graph.reshape(tensor, [elementCount(tensor.shape)]));
  while (pieces.length > 1) {
    const groups = Array.from({ length: Math.ceil(pieces.length / JOINED_AT_ONCE) }, (_, group) =>
      pieces.slice(group * JOINED_AT_ONCE, (group + 1) * JOINED_AT_ONCE),
    );
    pieces = groups.map((group) => {
      const length = group.reduce((sum, { shape }) => sum + shape[0]!, 0);
      return group.length === 1 ? group[0]! : graph.node('Concat', group, [length], { axis: { int: 0 } });
    });
  }
  return pieces[0]!;
}
