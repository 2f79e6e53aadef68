import type { Architecture } from './architecture.js';
import { differentiate } from './differentiate.js';
import { enlarge } from './enlarge.js';
import { Graph, type GraphOptions, type Operator, type Tensor } from './graph.js';
import { mobileNetV1, mobileNetV2, type Reduction } from './mobilenet.js';
import { concat } from './operators/concat.js';
import { dense } from './operators/dense.js';
import { l2Normalize } from './operators/l2-normalize.js';
import { radius } from './operators/radius.js';
import { regionDeviation } from './operators/region-deviation.js';
import { regionPool } from './operators/region-pool.js';
import { reshape } from './operators/reshape.js';
import { type Grids, regionsOf } from './regions.js';

export interface EmbeddingNetwork {
  readonly graph: Graph;
  /** [N, 1, H, W], ink = 1, paper = 0. */
  readonly image: Tensor;
  /** [N, D], rows of norm 1, or of the radius that the network gives each. */
  readonly embedding: Tensor;
}

/** One branch, open in the middle. */
export interface BranchNetwork extends EmbeddingNetwork {
  /** What the first layer reads, [N, 1, H', W']: the image as it is, or enlarged. */
  readonly seen: Tensor;
  /** [N, F], means over regions of the maps, with `deviations` standard deviations too: what the head reads. */
  readonly features: Tensor;
  /** Of each map that is read, the last first: the positions of its numbers among the F. */
  readonly featuresByMap: readonly (readonly number[])[];
}

/** Name prefix of the head's parameters; everything else belongs to the backbone. */
export const HEAD_PREFIX = 'head.';

/** The dense layer's: [D, F] and [D]. */
export const HEAD_WEIGHT = `${HEAD_PREFIX}weight`;
export const HEAD_BIAS = `${HEAD_PREFIX}bias`;

/** Of those that choose an embedding's norm; no layer, and never quantised. */
export const RADIUS_PREFIX = `${HEAD_PREFIX}radius.`;

/** Of a head whose features are equalised: [F] each (see equalize-head.ts); no layer, and never quantised. */
export const EQUALIZATION_PREFIX = `${HEAD_PREFIX}equalization.`;
export const EQUALIZATION_SHIFT = `${EQUALIZATION_PREFIX}shift`;
export const EQUALIZATION_SCALE = `${EQUALIZATION_PREFIX}scale`;

export interface NetworkOptions extends GraphOptions {
  /** The head reads (features + shift) scale, two parameters more; such a network has no gradient. */
  readonly isEqualised?: boolean;
}

/** Of the float network that an integer one is made of. */
export const EQUALISED: NetworkOptions = { isEqualised: true };

/** What goes in: a batch of canvases, sizes in px. */
export interface InputSize {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** One branch of the Siamese network: backbone, means and deviations over regions of its maps, one dense layer, unit norm or a radius. */
export function buildNetwork(
  architecture: Architecture,
  { batch, height, width }: InputSize,
  options: NetworkOptions = {},
): BranchNetwork {
  const { embeddingSize, enlargement } = architecture;
  const graph = new Graph(options);
  const image = graph.input('image', [batch, 1, height, width]);
  const seen = enlargement === 1 ? image : enlarge(graph, image, enlargement);
  const { features, featuresByMap } = readMaps(graph, image, seen, architecture);
  const weight = graph.parameter(HEAD_WEIGHT, [embeddingSize, features.shape[1]!]);
  const bias = graph.parameter(HEAD_BIAS, [embeddingSize]);
  const read = options.isEqualised ? equalised(graph, features) : features;
  const projected = graph.apply(dense, [read, weight, bias], undefined); // [N, D]
  const direction = graph.apply(l2Normalize, [projected], undefined); // [N, D]
  const branch = { graph, image, seen, features, featuresByMap };
  if (!architecture.radius) return { ...branch, embedding: direction };
  const slope = graph.parameter(`${RADIUS_PREFIX}weight`, [embeddingSize]);
  const offset = graph.parameter(`${RADIUS_PREFIX}bias`, [1]);
  return { ...branch, embedding: graph.apply(radius, [direction, slope, offset], undefined) };
}

/** A map that the head reads, and in which regions. */
interface MapToRead {
  readonly reduction: Reduction;
  readonly grids: Grids;
}

/** The last one first. */
function mapsToRead({ poolingGrids, middleGrids, fineGrids }: Architecture): readonly MapToRead[] {
  const all: readonly MapToRead[] = [
    { reduction: 32, grids: poolingGrids },
    { reduction: 16, grids: middleGrids },
    { reduction: 8, grids: fineGrids },
  ];
  return all.filter(({ grids }) => grids.length > 0);
}

/**
 * Means of the maps that are read, and behind all of these standard deviations of the middle and the fine one. What lies behind
 * the last map that is read is not built.
 */
function readMaps(
  graph: Graph,
  image: Tensor,
  seen: Tensor,
  architecture: Architecture,
): Pick<BranchNetwork, 'features' | 'featuresByMap'> {
  const backbone = architecture.backbone === 'mobilenet-v1' ? mobileNetV1 : mobileNetV2;
  const toRead = mapsToRead(architecture);
  const mapOf = backbone(graph, seen, { ...architecture, endsAt: toRead[0]!.reduction });
  const regionsIn = regionsOf(graph, image, architecture.columns);
  const read = toRead.map(({ reduction, grids }, of) => {
    const map = mapOf(reduction);
    return { of, reduction, map, regions: regionsIn(map, grids) };
  });
  const parts = read.map(({ of, map, regions }) => ({ of, values: pooled(graph, regionPool, map, regions) }));
  if (architecture.deviations) {
    const earlier = read.filter(({ reduction }) => reduction < 32);
    parts.push(
      ...earlier.map(({ of, map, regions }) => ({ of, values: pooled(graph, regionDeviation, map, regions) })),
    );
  }
  const featuresByMap: number[][] = read.map(() => []);
  let position = 0;
  for (const { of, values } of parts) {
    for (let end = position + values.shape[1]!; position < end; position++) featuresByMap[of]!.push(position);
  }
  const [first, ...others] = parts.map(({ values }) => values);
  return {
    features: others.length === 0 ? first! : graph.apply(concat, [first!, ...others], undefined),
    featuresByMap,
  };
}

function equalised(graph: Graph, features: Tensor): Tensor {
  const [shift, scale] = [EQUALIZATION_SHIFT, EQUALIZATION_SCALE].map((name) =>
    graph.parameter(name, [features.shape[1]!]),
  );
  return graph.node('Mul', [graph.node('Add', [features, shift!], features.shape), scale!], features.shape);
}

/** [N, C, H, W] to [N, C R], the mean or the standard deviation of every channel in each of R regions. */
function pooled(graph: Graph, operator: Operator, map: Tensor, regions: Tensor): Tensor {
  const values = graph.apply(operator, [map, regions], undefined); // [N, C, R]
  return graph.apply(reshape, [values], { shape: [values.shape[1]! * values.shape[2]!] });
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

/** Of an architecture: see `BranchNetwork`. */
export function featuresByMap(architecture: Architecture): BranchNetwork['featuresByMap'] {
  return buildNetwork(architecture, { batch: 1, height: 64, width: 64 }).featuresByMap;
}

/** Names and shapes of an architecture's parameters; they do not depend on the size of the input. */
export function parametersOf(architecture: Architecture, options: NetworkOptions = {}): readonly Tensor[] {
  return buildNetwork(architecture, { batch: 1, height: 64, width: 64 }, options).graph.parameters;
}
