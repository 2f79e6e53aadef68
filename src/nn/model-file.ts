/**
 * A model file: one .onnx with the branch of the Siamese network, its weights, and in its metadata everything a
 * decision needs: preprocessing, threshold, meaning of the score, and what it was trained on.
 */
import { createHash } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { elementCount } from './graph.js';
import { invalidModel } from './invalid-model.js';
import { METADATA_KEY, type ModelMetadata, readModelMetadata } from './model-metadata.js';
import { buildNetwork, parametersOf } from './network.js';
import { serialize } from './serialize.js';
import type { Weights, WeightTensor } from './weights.js';

export interface Model {
  readonly metadata: ModelMetadata;
  readonly weights: Map<string, WeightTensor>;
}

/** @returns bytes of the .onnx file; `image` [N, 1, H, W] -> `embedding` [N, D] */
export function encodeModel(
  weights: Weights,
  metadata: Omit<ModelMetadata, 'id' | 'schema'>,
  name: string,
): Uint8Array {
  const network = buildNetwork(metadata.architecture, { batch: 1, ...metadata.preprocess.canvas });
  const id = `${name}-${hashOf(weights, metadata)}`;
  const complete: ModelMetadata = { schema: 'countersign/model@1', id, ...metadata };
  return serialize(network.graph, {
    outputs: { embedding: network.embedding },
    weights: new Map([...weights].map(([key, { data }]) => [key, data])),
    symbolicBatch: true,
    metadata: { [METADATA_KEY]: JSON.stringify(complete) },
  });
}

/** A model file whole, to train on from it. @throws CountersignError MODEL_INVALID */
export function decodeModel(bytes: Uint8Array): Model {
  const onnx = parseOnnx(bytes);
  const metadata = readModelMetadata(bytes);
  const initializers = new Map(onnx.graph?.initializer.map((tensor) => [tensor.name, tensor]));
  const weights = new Map<string, WeightTensor>();
  for (const { name, shape } of parametersOf(metadata.architecture)) {
    const tensor = initializers.get(name);
    if (tensor === undefined || String(tensor.dims) !== String(shape))
      throw invalidModel(`it lacks the parameter ${name}`);
    if (tensor.rawData.length !== elementCount(shape) * 4) throw invalidModel(`the values of ${name} are cut off`);
    weights.set(name, { shape, data: new Float32Array(new Uint8Array(tensor.rawData).buffer) });
  }
  return { metadata, weights };
}

function parseOnnx(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw invalidModel('the file is damaged or not ONNX', cause);
  }
}

/** Over weights and metadata: another threshold or preprocessing is another model. */
function hashOf(weights: Weights, metadata: Omit<ModelMetadata, 'id' | 'schema'>): string {
  const hash = createHash('sha256').update(JSON.stringify(metadata));
  for (const [name, { data }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex').slice(0, 12);
}
