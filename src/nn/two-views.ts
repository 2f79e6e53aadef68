/**
 * Test-time augmentation inside the network: it looks at each image twice, as it is and mirrored and enlarged (`TWO_VIEWS`), and
 * gives both embeddings side by side:
 *
 *     e(x) = [f(x), f(enlarge mirror x)] / sqrt(2)
 *
 * Its Euclidean distance is the root mean square of the two. What one view errs by, the other does not: the same weights err
 * less, at 3.25 times the cost (1 + 1.5^2). They are in the graph once, its nodes twice, for either size of the image.
 * Training with mirrored batches (`--augment-mirror`) makes f at home in a mirror.
 */
import { canvasIn, ENLARGEMENT, type View } from '../image/views.js';
import type { Architecture } from './architecture.js';
import { enlarge } from './enlarge.js';
import { Graph, type Tensor } from './graph.js';
import { type ModelMetadata, viewsOf } from './model-metadata.js';
import {
  type BranchNetwork,
  buildNetwork,
  type EmbeddingNetwork,
  EQUALISED,
  type NetworkOptions,
  parametersOf,
} from './network.js';
import { quantizeNetwork, type Ranges } from './quantize.js';
import type { Weights } from './weights.js';

/** Slice's end for "to the first element, that included", going backwards. */
const BEYOND_THE_FIRST = -Number.MAX_SAFE_INTEGER;

/**
 * The network of a model, of one view or of two.
 *
 * @param options - of the float network
 * @param change - what becomes of the float network of each view, the same for both
 */
export function inViews(
  model: Pick<ModelMetadata, 'architecture' | 'preprocess' | 'views'>,
  options: NetworkOptions = {},
  change: (float: BranchNetwork) => EmbeddingNetwork = (float) => float,
): EmbeddingNetwork {
  const [plain, enlarged] = viewsOf(model).map((view) => change(networkIn(view, model, options)));
  return enlarged === undefined ? plain! : lookTwice(model.architecture, plain!, enlarged);
}

/**
 * The same of 8-bit integers.
 *
 * @param weights - float, biases corrected, their head equalised (see equalize-head.ts)
 * @param ranges - of the activations
 */
export function quantizedInViews(
  model: Parameters<typeof inViews>[0],
  weights: Weights,
  ranges: Ranges,
): EmbeddingNetwork {
  return inViews(model, EQUALISED, (float) => quantizeNetwork(float, weights, ranges));
}

/** The float network of a model, for its canvas as one view has it. */
export function networkIn(
  view: View,
  { architecture, preprocess }: Pick<ModelMetadata, 'architecture' | 'preprocess'>,
  options: NetworkOptions = {},
): BranchNetwork {
  return buildNetwork(architecture, { batch: 1, ...canvasIn(preprocess.canvas, view) }, options);
}

function lookTwice(architecture: Architecture, plain: EmbeddingNetwork, enlarged: EmbeddingNetwork): EmbeddingNetwork {
  const graph = new Graph();
  const image = graph.input(plain.image.name, plain.image.shape);
  const weights = new Set(parametersOf(architecture, EQUALISED).flatMap(({ name }) => [name, `${name}.scale`]));
  const rows = [
    include(graph, plain, image, 'plain', weights),
    include(graph, enlarged, enlargeMirrored(graph, image), 'enlarged', weights),
  ];
  const shape = [image.shape[0]!, rows.length * architecture.embeddingSize];
  const side = graph.node('Concat', rows, shape, { axis: { int: 1 } });
  const share = graph.constant([1 / Math.sqrt(rows.length)], []);
  return { graph, image, embedding: graph.node('Mul', [side, share], shape) };
}

/** As `seenIn` does it to the second of `TWO_VIEWS`. */
function enlargeMirrored(graph: Graph, image: Tensor): Tensor {
  const [first, end, axis, step] = [-1, BEYOND_THE_FIRST, 3, -1].map((value) => graph.integers([value]));
  return enlarge(graph, graph.node('Slice', [image, first!, end!, axis!, step!], image.shape), ENLARGEMENT);
}

/** Copies a network, fed by `image`, all of whose names but those of weights get a prefix. @returns its embedding */
function include(
  graph: Graph,
  { graph: source, image: ownImage, embedding }: EmbeddingNetwork,
  image: Tensor,
  prefix: string,
  weights: ReadonlySet<string>,
): Tensor {
  const copied = (tensor: Tensor): Tensor => {
    if (tensor.name === ownImage.name) return image;
    return weights.has(tensor.name) ? tensor : { ...tensor, name: `${prefix}.${tensor.name}` };
  };
  const present = new Set(
    [...graph.parameters, ...graph.constants.map(({ tensor }) => tensor)].map(({ name }) => name),
  );
  graph.parameters.push(...source.parameters.filter(({ name }) => !present.has(name)));
  graph.constants.push(
    ...source.constants
      .map(({ tensor, data }) => ({ tensor: copied(tensor), data }))
      .filter(({ tensor }) => !present.has(tensor.name)),
  );
  graph.nodes.push(
    ...source.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(copied),
      outputs: node.outputs.map(copied),
    })),
  );
  return copied(embedding);
}
