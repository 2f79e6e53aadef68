import type { Architecture } from './architecture.js';
import { differentiate } from './differentiate.js';
import { type BatchNorm, Graph, type GraphOptions, type Tensor } from './graph.js';
import { mobileNetV1, mobileNetV2 } from './mobilenet.js';
import { concat } from './operators/concat.js';
import { dense } from './operators/dense.js';
import { l2Normalize } from './operators/l2-normalize.js';
import { radius } from './operators/radius.js';
import { regionCount, regionPool } from './operators/region-pool.js';
import { reshape } from './operators/reshape.js';

export interface EmbeddingNetwork {
  readonly graph: Graph;
  /** [N, 1, H, W], ink = 1, paper = 0. */
  readonly image: Tensor;
  /** [N, D], rows of norm 1, or of the radius that the network gives each. */
  readonly embedding: Tensor;
}

/** One branch, open in the middle. */
export interface BranchNetwork extends EmbeddingNetwork {
  /** [N, F], means over regions of the maps: what the head reads. */
  readonly features: Tensor;
}

/** Name prefix of the head's parameters; everything else belongs to the backbone. */
export const HEAD_PREFIX = 'head.';

/** The dense layer's: [D, F] and [D]. */
export const HEAD_WEIGHT = `${HEAD_PREFIX}weight`;
export const HEAD_BIAS = `${HEAD_PREFIX}bias`;

/** Of those that choose an embedding's norm; no layer, and never quantised. */
export const RADIUS_PREFIX = `${HEAD_PREFIX}radius.`;

/** What goes in: a batch of canvases, sizes in px. */
export interface InputSize {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** One branch of the Siamese network: backbone, means over regions of its maps, one dense layer, unit norm or a radius. */
export function buildNetwork(
  architecture: Architecture,
  { batch, height, width }: InputSize,
  options: GraphOptions = {},
): BranchNetwork {
  const { poolingGrids, middleGrids, fineGrids, embeddingSize } = architecture;
  const graph = new Graph(options);
  const image = graph.input('image', [batch, 1, height, width]);
  const backbone = architecture.backbone === 'mobilenet-v1' ? mobileNetV1 : mobileNetV2;
  const maps = backbone(graph, image, architecture);
  const parts = [pooled(graph, maps.last, poolingGrids)];
  if (middleGrids.length > 0) parts.push(pooled(graph, maps.middle(), middleGrids));
  if (fineGrids.length > 0) parts.push(pooled(graph, maps.fine(), fineGrids));
  const features = parts.length === 1 ? parts[0]! : graph.apply(concat, parts, undefined); // [N, F]
  const weight = graph.parameter(HEAD_WEIGHT, [embeddingSize, features.shape[1]!]);
  const bias = graph.parameter(HEAD_BIAS, [embeddingSize]);
  const projected = graph.apply(dense, [features, weight, bias], undefined); // [N, D]
  const direction = graph.apply(l2Normalize, [projected], undefined); // [N, D]
  if (!architecture.radius) return { graph, image, features, embedding: direction };
  const slope = graph.parameter(`${RADIUS_PREFIX}weight`, [embeddingSize]);
  const offset = graph.parameter(`${RADIUS_PREFIX}bias`, [1]);
  return { graph, image, features, embedding: graph.apply(radius, [direction, slope, offset], undefined) };
}

/** [N, C, H, W] to [N, C R], the mean of every channel in each of R regions. */
function pooled(graph: Graph, map: Tensor, grids: Architecture['poolingGrids']): Tensor {
  const means = graph.apply(regionPool, [map], { grids }); // [N, C, R]
  return graph.apply(reshape, [means], { shape: [map.shape[1]! * regionCount(grids)] });
}

export interface TrainingNetwork extends BranchNetwork {
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
