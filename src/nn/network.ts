import type { Architecture } from './architecture.js';
import { differentiate } from './differentiate.js';
import { type BatchNorm, Graph, type GraphOptions, type Tensor } from './graph.js';
import { mobileNetV1, mobileNetV2 } from './mobilenet.js';
import { dense } from './operators/dense.js';
import { l2Normalize } from './operators/l2-normalize.js';
import { regionCount, regionPool } from './operators/region-pool.js';
import { reshape } from './operators/reshape.js';

export interface EmbeddingNetwork {
  readonly graph: Graph;
  /** [N, 1, H, W], ink = 1, paper = 0. */
  readonly image: Tensor;
  /** [N, D], rows of norm 1. */
  readonly embedding: Tensor;
}

/** Name prefix of the head's parameters; everything else belongs to the backbone. */
export const HEAD_PREFIX = 'head.';

/** What goes in: a batch of canvases, sizes in px. */
export interface InputSize {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** One branch of the Siamese network: backbone, mean over regions, one dense layer, unit norm. */
export function buildNetwork(
  architecture: Architecture,
  { batch, height, width }: InputSize,
  options: GraphOptions = {},
): EmbeddingNetwork {
  const { poolingGrids, embeddingSize } = architecture;
  const graph = new Graph(options);
  const image = graph.input('image', [batch, 1, height, width]);
  const backbone = architecture.backbone === 'mobilenet-v1' ? mobileNetV1 : mobileNetV2;
  const map = backbone(graph, image, architecture); // [N, C, H/32, W/32]
  const pooled = graph.apply(regionPool, [map], { grids: poolingGrids }); // [N, C, R]
  const features = map.shape[1]! * regionCount(poolingGrids);
  const flat = graph.apply(reshape, [pooled], { shape: [features] }); // [N, C R]
  const weight = graph.parameter(`${HEAD_PREFIX}weight`, [embeddingSize, features]);
  const bias = graph.parameter(`${HEAD_PREFIX}bias`, [embeddingSize]);
  const projected = graph.apply(dense, [flat, weight, bias], undefined); // [N, D]
  const embedding = graph.apply(l2Normalize, [projected], undefined); // [N, D]
  return { graph, image, embedding };
}

export interface TrainingNetwork extends EmbeddingNetwork {
  /** dL/d(embedding), [N, D]: an input of the graph. */
  readonly embeddingGradient: Tensor;
  /** One gradient for each of `trainable`, of its shape. */
  readonly gradients: readonly Tensor[];
  readonly trainable: readonly Tensor[];
}

/** The branch and its gradient in one graph: from dL/d(embedding) to dL/d(parameter) for the trainable ones. */
export function buildTrainingNetwork(
  architecture: Architecture,
  input: InputSize,
  isTrainable: (parameterName: string) => boolean = () => true,
  options: GraphOptions = {},
): TrainingNetwork {
  const network = buildNetwork(architecture, input, options);
  const embeddingGradient = network.graph.input('embeddingGradient', network.embedding.shape);
  const trainable = network.graph.parameters.filter((parameter) => isTrainable(parameter.name));
  const gradients = differentiate(network.graph, network.embedding, embeddingGradient, trainable);
  return { ...network, embeddingGradient, gradients, trainable };
}

/** Names and shapes of an architecture's parameters; they do not depend on the size of the input. */
export function parametersOf(architecture: Architecture, batchNorm: BatchNorm = 'folded'): readonly Tensor[] {
  return buildNetwork(architecture, { batch: 1, height: 64, width: 64 }, { batchNorm }).graph.parameters;
}
