/** Embedding networks as others might make them: one product of all pixels with a matrix, in whatever form is asked. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataType } from 'onnx-buf';
import { Graph } from '../src/nn/graph.js';
import { serialize } from '../src/nn/serialize.js';

export interface ForeignNetwork {
  /** Of the input, [N, ...]. */
  readonly shape: readonly number[];
  /** [pixels x channels, D]. */
  readonly matrix: Float32Array;
  readonly dimension: number;
  /** Any number of images, where it is not fixed at the first size. */
  readonly freeBatch?: boolean;
}

/** `picture` -> `features` [N, D] = the values of the picture, in the order they lie, times the matrix. */
export function foreignNetwork({ shape, matrix, dimension, freeBatch = false }: ForeignNetwork): Uint8Array {
  const graph = new Graph();
  const pixels = shape.slice(1).reduce((product, size) => product * size, 1);
  const flat = graph.reshape(graph.input('picture', shape), [shape[0]!, pixels]);
  const weight = graph.constant(matrix, [pixels, dimension]);
  const features = graph.node('MatMul', [flat, weight], [shape[0]!, dimension]);
  return serialize(graph, { outputs: { features }, symbolicBatch: freeBatch });
}

/** `left`, `right` -> `score` [1, 1]: a network that compares by itself. */
export function siameseNetwork(): Uint8Array {
  const graph = new Graph();
  const [left, right] = [graph.input('left', [1, 1, 16, 24]), graph.input('right', [1, 1, 16, 24])];
  const difference = graph.reshape(graph.node('Sub', [left, right], left.shape), [1, 16 * 24]);
  return serialize(graph, { outputs: { score: graph.reduceSum(difference, [1]) } });
}

/** `image` [1, 1, 16, 24] -> `map`, the same: a picture and no vector. */
export function pictureNetwork(): Uint8Array {
  const graph = new Graph();
  const image = graph.input('image', [1, 1, 16, 24]);
  return serialize(graph, { outputs: { map: graph.node('Neg', [image], image.shape) } });
}

/** `image` -> `embedding` of float16. */
export function halfFloatNetwork(): Uint8Array {
  const graph = new Graph();
  const flat = graph.reshape(graph.input('image', [1, 1, 16, 24]), [1, 16 * 24]);
  const embedding = graph.node('Cast', [flat], flat.shape, { to: { int: TensorProto_DataType.FLOAT16 } });
  const model = fromBinary(ModelProtoSchema, serialize(graph, { outputs: { embedding } }));
  const { value } = model.graph!.output[0]!.type!;
  if (value.case === 'tensorType') value.value.elemType = TensorProto_DataType.FLOAT16;
  return toBinary(ModelProtoSchema, model);
}
