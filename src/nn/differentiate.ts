import type { Graph, Tensor } from './graph.js';

/**
 * Reverse-mode differentiation over the tape: appends the nodes that compute dL/d(target) for every target.
 *
 * A value used in several places receives the sum of what flows back from each (the multivariate chain rule). Calls
 * that do not lie between a target and the output get no nodes.
 *
 * @param outputGradient - dL/d(output), of the output's shape
 * @returns one gradient per target, of its shape, in the same order
 * @throws Error when the output does not depend on a target
 */
export function differentiate(
  graph: Graph,
  output: Tensor,
  outputGradient: Tensor,
  targets: readonly Tensor[],
): Tensor[] {
  const dependent = new Set(targets.map((tensor) => tensor.name));
  for (const call of graph.tape) {
    if (call.inputs.some((input) => dependent.has(input.name))) dependent.add(call.output.name);
  }

  const gradients = new Map<string, Tensor>([[output.name, outputGradient]]);
  for (const call of [...graph.tape].reverse()) {
    const flowing = gradients.get(call.output.name);
    if (flowing === undefined || !dependent.has(call.output.name)) continue;
    const needed = call.inputs.map((input) => dependent.has(input.name));
    const inputGradients = call.operator.gradient(graph, call, flowing, needed);
    call.inputs.forEach((input, i) => {
      const gradient = inputGradients[i];
      if (!needed[i] || gradient === undefined) return;
      const sofar = gradients.get(input.name);
      gradients.set(input.name, sofar === undefined ? gradient : graph.node('Add', [sofar, gradient], input.shape));
    });
  }

  return targets.map((target) => {
    const gradient = gradients.get(target.name);
    if (gradient === undefined) throw new Error(`the output does not depend on ${target.name}`);
    return gradient;
  });
}
