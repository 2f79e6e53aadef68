/**
 * A float network as one of 8-bit integers: convolutions, residual sums and the dense layer stand between
 * QuantizeLinear and DequantizeLinear (the QDQ form), which the runtime fuses into integer kernels.
 *
 * A number r is kept as an integer q with a scale S and a zero point Z (Jacob et al., equation 1):
 *
 *     r = S (q - Z)        q = clamp(round(r / S) + Z)
 *
 * - Activations: uint8, one S and Z a tensor, from the range they were measured to have. The clamp is an activation
 *   function of its own: a ReLU6 whose result is kept over [0, 6] or less needs no node (section 2.4).
 * - Weights: int8, Z = 0, one S an output channel; biases: int32. See quantize-layer.ts.
 *
 * What runs in floats is what is small: the enlargement of the image, means and deviations over regions, their equalisation,
 * the norm, the radius.
 *
 * @see Jacob et al. (2018), Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference.
 *   Krishnamoorthi (2018), Quantizing deep convolutional networks for efficient inference: a whitepaper.
 */
import { Graph, type GraphNode, type Tensor } from './graph.js';
import type { BranchNetwork, EmbeddingNetwork } from './network.js';
import { quantizeLayer } from './quantize-layer.js';
import type { Weights } from './weights.js';

/** What the values of an activation lie in; values beyond become the nearest end. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** By the name of the activation, of all that `activationsToQuantize` lists. */
export type Ranges = ReadonlyMap<string, Range>;

/** Of an activation: r = scale (q - zeroPoint), q in 0 .. 255. */
export interface Steps {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Pixels are k / 255, so these lose nothing. */
const PIXEL_STEPS: Steps = { scale: 1 / 255, zeroPoint: 0 };

/**
 * The activations that are kept as integers, beside what the first layer sees: feature maps, and what goes into the dense layer.
 *
 * @param graph - of standard operators
 */
export function activationsToQuantize(graph: Graph): Tensor[] {
  return graph.nodes.flatMap((node) => {
    if (node.op === 'Gemm') return [node.inputs[0]!];
    return node.op === 'Conv' || isSumOfMaps(node) ? [resultOf(graph, node)] : [];
  });
}

/** And not the sum of a map and a number. */
const isSumOfMaps = ({ op, inputs }: GraphNode) => op === 'Add' && inputs.every(({ shape }) => shape.length === 4);

/**
 * @param network - of standard operators
 * @returns a network with the same inputs and outputs, whose parameters have become constants of the same names: those of
 *   layers int8 or int32, with their scales in `<name>.scale`, others as they are
 */
export function quantizeNetwork(
  network: BranchNetwork,
  weights: Weights,
  ranges: Ranges,
): EmbeddingNetwork & { readonly readByHead: Tensor } {
  const { graph: source, image, embedding } = network;
  const graph = new Graph();
  const steps = stepsOf(network, ranges);
  /** What the new graph has in place of each tensor of the source. */
  const values = new Map<string, Tensor>();
  const setValue = ({ name }: Tensor, tensor: Tensor) => {
    const kept = steps.get(name);
    values.set(name, kept === undefined ? tensor : keepAsIntegers(graph, tensor, kept));
  };

  setValue(image, graph.input(image.name, image.shape));
  for (const node of source.nodes) {
    const [output] = node.outputs as [Tensor];
    if (values.has(output.name)) continue; // a ReLU6 that the convolution before it has taken in
    const inputs = isLayer(node)
      ? [values.get(node.inputs[0]!.name)!, ...integerParameters(graph, node, weights, steps)]
      : node.inputs.map((input) => values.get(input.name) ?? copyFloats(source, input, weights, graph));
    setValue(resultOf(source, node), graph.node(node.op, inputs, output.shape, node.attributes, node.domain));
  }
  return {
    graph,
    image,
    embedding: values.get(embedding.name)!,
    readByHead: values.get(readByHead(source).name)!,
  };
}

/** What goes into the dense layer, [N, F]. */
export const readByHead = (graph: Graph): Tensor => graph.nodes.find(({ op }) => op === 'Gemm')!.inputs[0]!;

/** A convolution or a dense layer: `inputs` are the input, the weight and the bias. */
export function isLayer({ op }: GraphNode): boolean {
  return op === 'Conv' || op === 'Gemm';
}

/** What comes out of a node, or out of the ReLU6 behind it, whose place the clamp of the integers takes. */
export function resultOf(graph: Graph, { op, outputs }: GraphNode): Tensor {
  const [output] = outputs as [Tensor];
  const next = op === 'Conv' ? graph.nodes.find(({ inputs }) => inputs.includes(output)) : undefined;
  return next?.op === 'Clip' ? next.outputs[0]! : output;
}

/** By name, of every activation that is kept as integers. */
export function stepsOf({ graph, seen }: BranchNetwork, ranges: Ranges): Map<string, Steps> {
  const steps = activationsToQuantize(graph).map(({ name }) => [name, stepsOver(ranges.get(name)!)] as const);
  return new Map([[seen.name, PIXEL_STEPS], ...steps]);
}

/** The range is widened to hold 0, which has an integer of its own: what is padded is exactly 0. */
export function stepsOver(range: Range): Steps {
  const [min, max] = [Math.min(0, range.min), Math.max(0, range.max)];
  const scale = Math.fround((max - min) / 255) || 1; // 1 where every value is 0
  return { scale, zeroPoint: Math.round(-min / scale) };
}

/** Rounds a tensor to its steps. */
export function keepAsIntegers(graph: Graph, tensor: Tensor, { scale, zeroPoint }: Steps): Tensor {
  const steps = [graph.constant([scale], []), graph.typedConstant(Uint8Array.of(zeroPoint), [])];
  const integers = graph.node('QuantizeLinear', [tensor, ...steps], tensor.shape, {}, '', 'uint8');
  return graph.node('DequantizeLinear', [integers, ...steps], tensor.shape);
}

/** Weight and bias of a layer, with one scale an output channel. */
function integerParameters(graph: Graph, { inputs }: GraphNode, weights: Weights, steps: Map<string, Steps>): Tensor[] {
  const [x, ...parameters] = inputs;
  const [weight, bias] = parameters.map(({ name }) => weights.get(name)!.data);
  const layer = quantizeLayer(weight!, bias!, steps.get(x!.name)!.scale);
  return parameters.map(({ name, shape }, i) => {
    const { integers, scales } = [layer.weight, layer.bias][i]!;
    const zeroPoints = integers instanceof Int8Array ? new Int8Array(scales.length) : new Int32Array(scales.length);
    return graph.node(
      'DequantizeLinear',
      [
        graph.typedConstant(integers, shape, name),
        graph.typedConstant(scales, [scales.length], `${name}.scale`),
        graph.typedConstant(zeroPoints, [scales.length]), // written out: without it a dense layer is not fused
      ],
      shape,
      { axis: { int: 0 } },
    );
  });
}

/** A constant, or a parameter that stays as it is, under its name. */
function copyFloats(source: Graph, { name, shape }: Tensor, weights: Weights, graph: Graph): Tensor {
  const parameter = weights.get(name);
  if (parameter !== undefined) return graph.typedConstant(parameter.data, shape, name);
  const { data } = source.constants.find(({ tensor }) => tensor.name === name)!;
  return graph.typedConstant(data, shape);
}
