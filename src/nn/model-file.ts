/**
 * A model file: one .onnx with the branch of the Siamese network, its weights, and in its metadata everything a
 * decision needs: preprocessing, threshold, meaning of the score, and what it was trained on.
 */
import { createHash } from 'node:crypto';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { CountersignError } from '../core/errors.js';
import type { ConstantData } from './graph.js';
import { invalidModel } from './invalid-model.js';
import { METADATA_KEY, type ModelMetadata, readModelMetadata } from './model-metadata.js';
import type { EmbeddingNetwork } from './network.js';
import type { Ranges } from './quantize.js';
import { readWeights } from './read-weights.js';
import { serialize } from './serialize.js';
import { inViews, quantizedInViews } from './two-views.js';
import { valuesOf, type Weights, type WeightTensor } from './weights.js';

export interface Model {
  readonly metadata: ModelMetadata;
  readonly weights: Map<string, WeightTensor>;
}

/** What a file says of its model, but for its id, which follows from the rest. */
export type ModelFacts = Omit<ModelMetadata, 'id' | 'schema'>;

/** @returns bytes of the .onnx file; `image` [N, 1, H, W] -> `embedding` [N, D], or [N, 2 D] where `facts.views` is 2 */
export function encodeModel(weights: Weights, facts: ModelFacts, name: string): Uint8Array {
  const values = valuesOf(weights);
  const network = inViews(facts);
  return encode(network, values, facts, `${name}-${hashOf(values, facts)}`);
}

/**
 * The same of 8-bit integers.
 *
 * @param weights - float, of the model `facts.quantization` names, biases corrected, its head equalised
 * @param ranges - of the activations
 */
export function encodeQuantizedModel(weights: Weights, ranges: Ranges, facts: ModelFacts, name: string): Uint8Array {
  const network = quantizedInViews(facts, weights, ranges);
  const values = new Map(network.graph.constants.map(({ tensor, data }) => [tensor.name, data]));
  return encode(network, new Map(), facts, `${name}-int8-${hashOf(values, facts)}`);
}

function encode(
  { graph, embedding }: EmbeddingNetwork,
  weights: ReadonlyMap<string, Float32Array>,
  facts: ModelFacts,
  id: string,
): Uint8Array {
  const complete: ModelMetadata = { schema: 'countersign/model@1', id, ...facts };
  return serialize(graph, {
    outputs: { embedding },
    weights,
    symbolicBatch: true,
    metadata: { [METADATA_KEY]: JSON.stringify(complete) },
  });
}

/**
 * The same network, float or quantised, with other facts and so another id.
 *
 * @throws CountersignError MODEL_INVALID
 */
export function replaceFacts(bytes: Uint8Array, facts: ModelFacts): Uint8Array {
  const onnx = parseOnnx(bytes);
  const values = new Map(onnx.graph?.initializer.map(({ name, rawData }) => [name, rawData]));
  const entry = onnx.metadataProps.find(({ key }) => key === METADATA_KEY);
  if (entry === undefined) throw invalidModel('it carries no metadata of ours');
  const id = `${nameOf(readModelMetadata(bytes).id)}-${hashOf(values, facts)}`;
  entry.value = JSON.stringify({ schema: 'countersign/model@1', id, ...facts } satisfies ModelMetadata);
  return toBinary(ModelProtoSchema, onnx);
}

/** `countersign-hindi-bb8a32873ccb` -> `countersign-hindi`. */
export function nameOf(id: string): string {
  return id.replace(/-[0-9a-f]{12}$/, '');
}

/** A model file whole, to quantise it or to go on with its very weights. @throws CountersignError MODEL_INVALID */
export function decodeModel(bytes: Uint8Array): Model {
  const metadata = readModelMetadata(bytes);
  if (metadata.quantization !== undefined) throw quantized(metadata.id, metadata.quantization.model);
  return { metadata, weights: readWeights(parseOnnx(bytes), metadata) };
}

/**
 * A model file whole, to train on from it. 8-bit weights are read back as the floats they stand for, off from those
 * they were made of by half a step at most; biases are those of the 8-bit model, corrected for what rounding does to it.
 *
 * @throws CountersignError MODEL_INVALID
 */
export function decodeToTrain(bytes: Uint8Array): Model {
  const metadata = readModelMetadata(bytes);
  return { metadata, weights: readWeights(parseOnnx(bytes), metadata) };
}

function parseOnnx(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw invalidModel('the file is damaged or not ONNX', cause);
  }
}

function quantized(id: string, source: string): CountersignError {
  const message = `Expected a model of float weights; ${id} is quantised, and its 8-bit weights can be run and trained on from, but not quantised again: take ${source}, which it was made from.`;
  return new CountersignError('MODEL_INVALID', message, { details: { model: id, source } });
}

/** Over weights and metadata: another threshold or preprocessing is another model. */
function hashOf(values: ReadonlyMap<string, ConstantData | Uint8Array>, facts: ModelFacts): string {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const [name, data] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex').slice(0, 12);
}
