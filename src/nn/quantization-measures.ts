/**
 * What quantisation must know of images, as nodes appended to the float network: the runtime measures while it runs it,
 * and a few thousand numbers an image come out instead of every activation.
 */
import type { Graph, Tensor } from './graph.js';
import type { BranchNetwork, EmbeddingNetwork } from './network.js';
import { activationsToQuantize, isLayer, keepAsIntegers, type Ranges, resultOf, stepsOf } from './quantize.js';
import { dequantize, quantizeLayer } from './quantize-layer.js';
import type { Weights } from './weights.js';

/** Of each activation to quantise its smallest and its largest value in each image, [N]: `<name>.min`, `<name>.max`. */
export function appendExtremes({ graph }: EmbeddingNetwork): Map<string, Tensor> {
  return new Map(
    activationsToQuantize(graph).flatMap((activation) => {
      const [batch, ...sizes] = activation.shape;
      const axes = graph.integers(sizes.map((_, i) => i + 1));
      const reduce = (op: string) => graph.node(op, [activation, axes], [batch!], { keepdims: { int: 0 } });
      return [
        [`${activation.name}.min`, reduce('ReduceMin')],
        [`${activation.name}.max`, reduce('ReduceMax')],
      ] as const;
    }),
  );
}

/**
 * By name of the bias: by how much rounding moves the outputs of its layer in each image, [N, O], mean over the pixels.
 *
 * Most of a signature is paper, where an activation has one value at all pixels and its rounding one error: errors do not
 * average out, they shift whole channels. The bias can take the shift back. For a layer y = w x + b,
 *
 *     error = mean over pixels of  (q(w) q(x) + b) - (w x + b)
 *
 * where q rounds, and x is what the float network has there: once the layers before it are corrected, their means are
 * those of the float network. Sums of rounded maps are sums of what was rounded, as the integer network adds them.
 *
 * @see Nagel et al. (2019), Data-Free Quantization Through Weight Equalization and Bias Correction, section 4.2.
 *   Finkelstein et al. (2019), Fighting Quantization Bias With Bias.
 */
export function appendBiasErrors(network: BranchNetwork, weights: Weights, ranges: Ranges): Map<string, Tensor> {
  const { graph, seen } = network;
  const steps = stepsOf(network, ranges);
  const rounded = new Map([[seen.name, seen]]);
  const errors = new Map<string, Tensor>();
  const round = ({ name }: Tensor, value: Tensor) => {
    const kept = steps.get(name);
    rounded.set(name, kept === undefined ? value : keepAsIntegers(graph, value, kept));
  };
  for (const node of [...graph.nodes]) {
    const { op, inputs, attributes } = node;
    const [output] = node.outputs as [Tensor];
    if (isLayer(node)) {
      const [x, w, b] = inputs as [Tensor, Tensor, Tensor];
      const layer = quantizeLayer(weights.get(w.name)!.data, weights.get(b.name)!.data, steps.get(x.name)!.scale);
      const kernel = graph.constant(dequantize(layer.weight), w.shape);
      const y = graph.node(op, [rounded.get(x.name)!, kernel, b], output.shape, attributes);
      errors.set(b.name, meanOverPixels(graph, graph.node('Sub', [y, output], output.shape)));
      if (op === 'Conv') round(resultOf(graph, node), resultOf(graph, node));
    } else if (inputs.some(({ name }) => rounded.has(name)) && !rounded.has(output.name)) {
      const values = inputs.map((input) => rounded.get(input.name) ?? input);
      round(output, graph.node(op, values, output.shape, attributes));
    }
  }
  return errors;
}

/** @param map - [N, O, H, W], or [N, O] as it is; @returns [N, O] */
function meanOverPixels(graph: Graph, map: Tensor): Tensor {
  if (map.shape.length === 2) return map;
  return graph.node('ReduceMean', [map, graph.integers([2, 3])], map.shape.slice(0, 2), { keepdims: { int: 0 } });
}
