/**
 * A model file: one .onnx with the branch of the Siamese network, its weights, and in its metadata everything a
 * decision needs: preprocessing, threshold, meaning of the score, and what it was trained on.
 */
import { createHash } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { preprocessOptionsSchema } from '../image/options.js';
import { architectureSchema } from './architecture.js';
import { buildNetwork, parametersOf } from './network.js';
import { serialize } from './serialize.js';
import type { Weights, WeightTensor } from './weights.js';

const METADATA_KEY = 'countersign';

export const modelMetadataSchema = z.strictObject({
  schema: z.literal('countersign/model@1'),
  /** `<name>-<first 12 hex digits of the SHA-256 of the weights>`. */
  id: z.string(),
  architecture: architectureSchema,
  preprocess: preprocessOptionsSchema,
  /** Accept when distance <= value. */
  threshold: z.strictObject({ value: z.number().min(0), source: z.string() }),
  /** similarity = 100 / (1 + exp(slope * distance + intercept)). */
  similarity: z.strictObject({ slope: z.number(), intercept: z.number() }),
  training: z.strictObject({
    datasets: z.array(z.string()),
    developmentWriters: z.int(),
    validationWriters: z.int(),
    dataHash: z.string(),
    seed: z.int(),
    step: z.int(),
    loss: z.string(),
    initialWeights: z.string(),
    /** EER on the validation writers, skilled forgeries, one reference. */
    validationEer: z.number(),
    version: z.string(),
    /** Lists of test writers that were kept out of training. */
    protocols: z.array(z.string()),
  }),
});

export type ModelMetadata = z.infer<typeof modelMetadataSchema>;

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
  const complete: ModelMetadata = { schema: 'countersign/model@1', id: `${name}-${weightsHash(weights)}`, ...metadata };
  return serialize(network.graph, {
    outputs: { embedding: network.embedding },
    weights: new Map([...weights].map(([key, { data }]) => [key, data])),
    symbolicBatch: true,
    metadata: { [METADATA_KEY]: JSON.stringify(complete) },
  });
}

/** What a model file says of itself. @throws CountersignError MODEL_INVALID */
export function readModelMetadata(bytes: Uint8Array): ModelMetadata {
  return metadataOf(parseOnnx(bytes));
}

/** A model file whole, to train on from it. @throws CountersignError MODEL_INVALID */
export function decodeModel(bytes: Uint8Array): Model {
  const onnx = parseOnnx(bytes);
  const metadata = metadataOf(onnx);
  const initializers = new Map(onnx.graph?.initializer.map((tensor) => [tensor.name, tensor]));
  const weights = new Map<string, WeightTensor>();
  for (const { name, shape } of parametersOf(metadata.architecture)) {
    const tensor = initializers.get(name);
    if (tensor === undefined || String(tensor.dims) !== String(shape)) throw invalid(`it lacks the parameter ${name}`);
    weights.set(name, { shape, data: new Float32Array(new Uint8Array(tensor.rawData).buffer) });
  }
  return { metadata, weights };
}

function parseOnnx(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw invalid('the file is damaged or not ONNX', cause);
  }
}

function metadataOf(onnx: ModelProto): ModelMetadata {
  const entry = onnx.metadataProps.find(({ key }) => key === METADATA_KEY);
  if (entry === undefined) throw invalid('it carries no metadata of ours');
  const parsed = modelMetadataSchema.safeParse(parseJson(entry.value));
  if (!parsed.success) throw invalid(`its metadata does not fit: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function invalid(reason: string, cause?: unknown): CountersignError {
  return new CountersignError('MODEL_INVALID', `Not a model of countersign: ${reason}.`, { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function weightsHash(weights: Weights): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex').slice(0, 12);
}
