/**
 * What a model file says of itself, without its network: a verifier reads this at every start, so the weights are
 * passed over and not decoded.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { z } from 'zod';
import { parseJson } from '../core/parse-json.js';
import { preprocessOptionsSchema } from '../image/options.js';
import { ONE_VIEW, TWO_VIEWS, type View } from '../image/views.js';
import { architectureSchema } from './architecture.js';
import { calibrationSchema } from './calibration-metadata.js';
import { invalidModel } from './invalid-model.js';

/** Our entry among the metadata properties of the ONNX model: one JSON object. */
export const METADATA_KEY = 'countersign';

export const modelMetadataSchema = z.strictObject({
  schema: z.literal('countersign/model@1'),
  /** `<name>-<first 12 hex digits of the SHA-256 of weights and metadata>`. */
  id: z.string(),
  architecture: architectureSchema,
  preprocess: preprocessOptionsSchema,
  /** How often the network sees each image: as it is, or mirrored and enlarged as well (see two-views.ts). */
  views: z.union([z.literal(1), z.literal(2)]).default(1),
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
    /** EER on the validation writers, skilled forgeries, one reference; of several sets the mean. These writers chose the checkpoint. */
    validationEer: z.number(),
    version: z.string(),
    /** Lists of test writers that were kept out of training. */
    protocols: z.array(z.string()),
    /** What the initial weights had learnt from before, with the list of test writers kept out of it, if any. */
    ancestry: z.array(z.strictObject({ dataset: z.string(), protocol: z.string().nullable() })).default([]),
  }),
  /** Absent in files of versions before it. */
  calibration: calibrationSchema.optional(),
  /** Only in a model of 8-bit integers: what it was made from. */
  quantization: z
    .strictObject({
      /** Id of the float model. */
      model: z.string(),
      /** Data set of the images that its ranges, biases and head were fitted on, and the list kept out of them. */
      dataset: z.string(),
      protocol: z.string().nullable(),
      images: z.int(),
      seed: z.int(),
      version: z.string(),
    })
    .optional(),
});

export type ModelMetadata = z.infer<typeof modelMetadataSchema>;

/** What the network sees of each image. */
export function viewsOf({ views }: Pick<ModelMetadata, 'views'>): readonly View[] {
  return views === 1 ? ONE_VIEW : TWO_VIEWS;
}

/** Numbers in an embedding. */
export function dimensionOf({ architecture, views }: Pick<ModelMetadata, 'architecture' | 'views'>): number {
  return views * architecture.embeddingSize;
}

/** A data set that weights learnt from, and the list of test writers that was kept out of it. */
export type LearntFrom = ModelMetadata['training']['ancestry'][number];

/** All that the weights of a model have learnt from, in its own run and before, and what they were quantised on; each once. */
export function learntFrom({ training, quantization }: Pick<ModelMetadata, 'training' | 'quantization'>): LearntFrom[] {
  const own = training.datasets.map((dataset) => {
    const protocol = training.protocols.find((name) => name.startsWith(`${dataset}/`)) ?? null;
    return { dataset, protocol };
  });
  const fitted = quantization ? [{ dataset: quantization.dataset, protocol: quantization.protocol }] : [];
  return eachOnce([...training.ancestry, ...own, ...fitted]);
}

export function eachOnce(sources: readonly LearntFrom[]): LearntFrom[] {
  return [...new Map(sources.map((from) => [`${from.dataset}\n${from.protocol}`, from])).values()];
}

/** @throws CountersignError MODEL_INVALID for a file that is no ONNX */
export function isModelOfOurs(bytes: Uint8Array): boolean {
  return findMetadata(bytes) !== undefined;
}

/** @throws CountersignError MODEL_INVALID */
export function readModelMetadata(bytes: Uint8Array): ModelMetadata {
  const json = findMetadata(bytes);
  if (json === undefined) throw invalidModel('it carries no metadata of ours');
  const parsed = modelMetadataSchema.safeParse(parseJson(json));
  if (!parsed.success) throw invalidModel(`its metadata does not fit: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Numbers of the fields in onnx.proto: ModelProto.metadata_props, StringStringEntryProto.key and .value. */
const METADATA_PROPS = 14;
const KEY = 1;
const VALUE = 2;

function findMetadata(bytes: Uint8Array): string | undefined {
  try {
    for (const entry of fields(bytes, METADATA_PROPS)) {
      const [key] = fields(entry, KEY);
      const [value] = fields(entry, VALUE);
      if (key !== undefined && value !== undefined && text(key) === METADATA_KEY) return text(value);
    }
    return undefined;
  } catch (cause) {
    throw invalidModel('the file is damaged or not ONNX', cause);
  }
}

/** The contents of a message's length-delimited fields of one number. */
function fields(message: Uint8Array, number: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [fieldNumber, wireType] = reader.tag();
    if (fieldNumber === number) found.push(reader.bytes());
    else reader.skip(wireType, fieldNumber);
  }
  if (reader.pos > reader.len) throw new RangeError('a field reaches beyond the end');
  return found;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
