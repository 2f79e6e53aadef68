/** Parts of a graph as graphs of their own. */
import { Graph, type GraphNode, type Tensor } from './graph.js';

/** What the outputs need, and no more. */
export function neededFor(graph: Graph, outputs: readonly Tensor[]): Graph {
  return part(graph, neededNodes(graph, outputs));
}

/**
 * Splits a graph in two: what depends on parameters alone, and the rest, which takes its results as inputs.
 *
 * In training the first part (kernels turned, transposed, brought into another order) needs to run once a step, the
 * second once a micro-batch.
 *
 * @param outputs - results the rest must give; nodes that none of them needs are left out
 * @returns `prepare`, whose outputs `prepared` are the names the rest reads; `rest`, whose `parameters` are everything
 *   it reads besides its inputs: parameters as they are, and prepared ones
 */
export function hoistParameterWork(
  graph: Graph,
  outputs: readonly Tensor[],
): { readonly prepare: Graph; readonly prepared: readonly Tensor[]; readonly rest: Graph } {
  const needed = neededNodes(graph, outputs);
  const early = new Set(graph.parameters.map(({ name }) => name));
  const constants = new Set(graph.constants.map(({ tensor }) => tensor.name));
  const isEarly = (node: GraphNode) =>
    node.inputs.some(({ name }) => early.has(name)) &&
    node.inputs.every(({ name }) => early.has(name) || constants.has(name));
  const [first, second]: [GraphNode[], GraphNode[]] = [[], []];
  for (const node of needed) {
    if (isEarly(node)) {
      for (const { name } of node.outputs) early.add(name);
      first.push(node);
    } else {
      second.push(node);
    }
  }
  const made = new Set(first.flatMap(({ outputs }) => outputs).map(({ name }) => name));
  const read = new Map(second.flatMap(({ inputs }) => inputs).map((input) => [input.name, input]));
  const prepared = [...read.values()].filter(({ name }) => made.has(name));
  return { prepare: part(graph, first), prepared, rest: part(graph, second, prepared) };
}

/** In their order, the nodes that the outputs depend on. */
function neededNodes(graph: Graph, outputs: readonly Tensor[]): GraphNode[] {
  const wanted = new Set(outputs.map(({ name }) => name));
  const needed: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some(({ name }) => wanted.has(name))) continue;
    needed.push(node);
    for (const { name } of node.inputs) wanted.add(name);
  }
  return needed.reverse();
}

/** A graph of some nodes of another, with the inputs, parameters and constants that these read. */
function part(graph: Graph, nodes: readonly GraphNode[], prepared: readonly Tensor[] = []): Graph {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ name }) => name)));
  const result = new Graph({ channelBlock: graph.channelBlock, batchNorm: graph.batchNorm });
  result.nodes.push(...nodes);
  result.inputs.push(...graph.inputs.filter(({ name }) => read.has(name)));
  result.parameters.push(...graph.parameters.filter(({ name }) => read.has(name)), ...prepared);
  result.constants.push(...graph.constants.filter(({ tensor }) => read.has(tensor.name)));
  return result;
}
