import type { Architecture } from './architecture.js';
import { Graph, type Tensor } from './graph.js';
import { mobileNetV1, mobileNetV2 } from './mobilenet.js';
import { dense } from './operators/dense.js';
import { regionPool } from './operators/region-pool.js';
import { reshape } from './operators/reshape.js';
import { regionsOfCanvas } from './regions.js';

export interface ImagenetClassifier {
  readonly graph: Graph;
  /** [1, C], the pooled features. */
  readonly features: Tensor;
  /** [1, 1001], logits; class 0 is the background. */
  readonly logits: Tensor;
}

/**
 * The network as it was pre-trained, colour input and ImageNet head, to check imported weights against known classes.
 * Input `image` [1, 3, 224, 224], RGB, x / 127.5 - 1.
 */
export function buildImagenetClassifier(backbone: Architecture['backbone']): ImagenetClassifier {
  const graph = new Graph();
  const image = graph.input('image', [1, 3, 224, 224]);
  const build = backbone === 'mobilenet-v1' ? mobileNetV1 : mobileNetV2;
  const map = build(graph, image, { widthMultiplier: 1, lastConvolution: true })(32); // [1, C, 7, 7]
  const pooled = graph.apply(regionPool, [map, regionsOfCanvas(graph, map, [[1, 1]])], undefined); // [1, C, 1]
  const features = graph.apply(reshape, [pooled], { shape: [map.shape[1]!] }); // [1, C]
  const weight = graph.parameter('predictions.weight', [1001, map.shape[1]!]);
  const bias = graph.parameter('predictions.bias', [1001]);
  return { graph, features, logits: graph.apply(dense, [features, weight, bias], undefined) };
}
