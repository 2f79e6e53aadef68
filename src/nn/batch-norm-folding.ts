/**
 * Between the two forms of one network: batch norm folded into kernels and biases, or trained as scales and shifts.
 *
 * A convolution w * x followed by batch norm with fixed statistics m and v is a convolution with a bias:
 *
 *     scale (w * x - m) / s + shift  =  (w scale / s) * x  +  (shift - m scale / s),        s = sqrt(v + eps)
 *
 * Statistics are tensors `<layer>.mean` and `<layer>.variance`, [C], of what the layer's kernel gives, without a bias.
 *
 * @see Jacob et al. (2018), Quantization and Training of Neural Networks, section 3.2 and its figure C.8
 */
import type { Graph, Tensor } from './graph.js';
import { batchNorm, batchStatistics, EPSILON } from './operators/batch-norm.js';
import { blockedBatchNorm } from './operators/blocked-batch-norm.js';
import type { Weights, WeightTensor } from './weights.js';

/** Of a network with trained batch norm: the statistics that each layer used. */
export function batchNormStatistics(graph: Graph): Record<string, Tensor> {
  const statistics: Record<string, Tensor> = {};
  for (const { operator, inputs, saved } of graph.tape) {
    if (operator.name !== batchNorm.name && operator.name !== blockedBatchNorm.name) continue;
    const layer = layerOf(inputs[1]!.name, 'scale');
    statistics[`${layer}.mean`] = saved[0]!;
    statistics[`${layer}.variance`] = saved[1]!;
  }
  return statistics;
}

/** Of a folded network in the plain layout: appends the nodes for the statistics that its layers would use. */
export function convolutionStatistics(graph: Graph): Record<string, Tensor> {
  const statistics: Record<string, Tensor> = {};
  for (const { inputs, outputs } of graph.nodes.filter(({ op }) => op === 'Conv')) {
    const layer = layerOf(inputs[1]!.name, 'weight');
    const { mean, variance } = batchStatistics(graph, outputs[0]!);
    statistics[`${layer}.mean`] = graph.node('Sub', [mean, inputs[2]!], mean.shape); // without the bias
    statistics[`${layer}.variance`] = variance;
  }
  return statistics;
}

/** @returns the trained form: with these very statistics it computes what `folded` does, scale = s, shift = m + bias */
export function unfoldBatchNorm(folded: Weights, statistics: Weights): Map<string, WeightTensor> {
  const trained = new Map(folded);
  for (const { layer, mean, variance } of layers(statistics)) {
    const { shape, data: bias } = folded.get(`${layer}.bias`)!;
    trained.delete(`${layer}.bias`);
    trained.set(`${layer}.scale`, { shape, data: variance.map((v) => Math.sqrt(v + EPSILON)) });
    trained.set(`${layer}.shift`, { shape, data: bias.map((b, channel) => mean[channel]! + b) });
  }
  return trained;
}

/** @returns the folded form: what the network computes with these statistics, with a bias in each layer */
export function foldBatchNorm(trained: Weights, statistics: Weights): Map<string, WeightTensor> {
  const folded = new Map(trained);
  for (const { layer, mean, variance } of layers(statistics)) {
    const scale = trained.get(`${layer}.scale`)!;
    const shift = trained.get(`${layer}.shift`)!;
    const weight = trained.get(`${layer}.weight`)!;
    const factor = scale.data.map((value, channel) => value / Math.sqrt(variance[channel]! + EPSILON));
    const taps = weight.data.length / factor.length;
    folded.delete(`${layer}.scale`);
    folded.delete(`${layer}.shift`);
    folded.set(`${layer}.weight`, {
      shape: weight.shape,
      data: weight.data.map((value, i) => value * factor[Math.floor(i / taps)]!),
    });
    folded.set(`${layer}.bias`, {
      shape: shift.shape,
      data: shift.data.map((value, channel) => value - mean[channel]! * factor[channel]!),
    });
  }
  return folded;
}

function layers(statistics: Weights) {
  return [...statistics.keys()]
    .filter((name) => name.endsWith('.mean'))
    .map((name) => {
      const layer = layerOf(name, 'mean');
      return { layer, mean: statistics.get(name)!.data, variance: statistics.get(`${layer}.variance`)!.data };
    });
}

function layerOf(parameterName: string, kind: string): string {
  if (!parameterName.endsWith(`.${kind}`)) throw new Error(`${parameterName} is no ${kind} of a layer`);
  return parameterName.slice(0, -kind.length - 1);
}
