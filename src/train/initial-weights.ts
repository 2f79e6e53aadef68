/** What a run starts from: imported weights or a model, fitted to the architecture. */
import { readFile } from 'node:fs/promises';
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { sha256 } from '../data/content-hash.js';
import { prepareAlike } from '../image/options.js';
import type { Architecture } from '../nn/architecture.js';
import { decodeToTrain } from '../nn/model-file.js';
import { type LearntFrom, learntFrom, type ModelMetadata } from '../nn/model-metadata.js';
import { HEAD_PREFIX } from '../nn/network.js';
import { decodeSafetensors, encodeSafetensors } from '../nn/safetensors.js';
import { adoptWeights, keepsHead, type Weights } from '../nn/weights.js';
import type { TrainConfig } from './config.js';

/** A model that training starts from. */
export type SourceModel = Pick<ModelMetadata, 'architecture' | 'preprocess'> & { readonly weights: Weights };

export interface InitialWeights {
  /** As the run begins: what the source lacks is drawn from the seed. */
  readonly weights: Weights;
  /** What the source had learnt from. */
  readonly ancestry: LearntFrom[];
  /** Of sets that the source learnt from: writers, with the name of their set, that its last run held out. */
  readonly heldOut: readonly string[];
  /** The source is a model whose head does not fit the architecture: another is drawn, or inherits. */
  readonly losesHead: boolean;
  /** With `config.inheritHead`: the source, where `weights` lack its head. */
  readonly inheritsFrom: SourceModel | undefined;
  /** Of `weights`, or of the model that their head inherits from, SHA-256. */
  readonly hash: string;
}

/**
 * @param path - a safetensors file of imported weights, or a model file, also of 8-bit integers
 * @throws CountersignError MODEL_NOT_FOUND, MODEL_INVALID, WEIGHTS_INVALID; INVALID_ARGUMENT for a teacher, or a run of no steps, without a head,
 *   and for nothing to inherit a head from
 */
export async function readInitialWeights(path: string, config: TrainConfig): Promise<InitialWeights> {
  const { source, metadata } = await readStart(path);
  const fitting = metadata && !readsAlike(metadata.architecture, config) ? withoutHead(source) : source;
  const weights = adoptWeights(config.architecture, fitting, new Rng(config.seed).fork('initial'));
  const hasHead = keepsHead(source, weights);
  const inheritsFrom = !hasHead && config.inheritHead ? ancestorOf({ source, metadata }, config, path) : undefined;
  if (!hasHead && !inheritsFrom) refuseWithoutHead(config, path);
  return {
    weights,
    ancestry: metadata === undefined ? [] : learntFrom(metadata),
    heldOut: metadata?.calibration?.writers ?? [],
    losesHead: metadata !== undefined && !hasHead,
    inheritsFrom,
    hash: sha256(encodeSafetensors((inheritsFrom ?? { weights }).weights)),
  };
}

interface Start {
  readonly source: Weights;
  readonly metadata?: ModelMetadata | undefined;
}

/**
 * Weights as their file has them, and what it says of itself where it is a model.
 *
 * @throws CountersignError MODEL_NOT_FOUND, MODEL_INVALID, WEIGHTS_INVALID
 */
export async function readStart(path: string): Promise<Start> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    const found = reason === 'ENOENT' ? 'there is no such file' : `${reason} came`;
    throw new CountersignError('MODEL_NOT_FOUND', `Expected weights at ${path}, but ${found}.`, { cause });
  }
  try {
    if (!path.endsWith('.onnx')) return { source: decodeSafetensors(bytes).tensors };
    const { weights, metadata } = decodeToTrain(bytes);
    return { source: weights, metadata };
  } catch (cause) {
    if (!(cause instanceof CountersignError)) throw cause;
    throw new CountersignError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}

/** A head says as many numbers as the one it inherits from, and of the same images. */
function ancestorOf({ source, metadata }: Start, { architecture, preprocess }: TrainConfig, path: string): SourceModel {
  let came = 'has no head';
  if (metadata !== undefined) {
    const size = metadata.architecture.embeddingSize;
    const isPreparedAlike = prepareAlike(metadata.preprocess, preprocess);
    if (isPreparedAlike && size === architecture.embeddingSize) return { ...metadata, weights: source };
    came = isPreparedAlike ? `has a head of ${size}` : 'prepares images otherwise (--preprocess-*)';
  }
  throw new CountersignError(
    'INVALID_ARGUMENT',
    `Expected a model to inherit a head of ${architecture.embeddingSize} numbers from (--inherit-head, --architecture-embedding-size); ${path} ${came}.`,
    { details: { init: path } },
  );
}

/**
 * Whether a head of the first reads what one of the second does, but perhaps for deviations, which it can take in. Two of one
 * shape may read other regions. Of an image of another size a head reads much the same, and goes on unless it is to be inherited.
 */
function readsAlike(source: Architecture, { architecture, inheritHead }: TrainConfig): boolean {
  if (inheritHead && source.enlargement !== architecture.enlargement) return false;
  const whatItReads = ({ poolingGrids, middleGrids, fineGrids, columns }: Architecture) =>
    JSON.stringify([poolingGrids, middleGrids, fineGrids, columns]);
  const losesDeviations = source.deviations && !architecture.deviations;
  const hasDeviations = source.middleGrids.length + source.fineGrids.length > 0;
  return whatItReads(source) === whatItReads(architecture) && !(losesDeviations && hasDeviations);
}

const withoutHead = (weights: Weights): Weights =>
  new Map([...weights].filter(([name]) => !name.startsWith(HEAD_PREFIX)));

/** A head of random numbers, as the weights of a classifier get one, has no distances to teach, and none worth keeping. */
function refuseWithoutHead({ distillation, steps }: TrainConfig, path: string): void {
  if (distillation === 0 && steps > 0) return;
  const what = distillation > 0 ? 'to distil from (--distillation)' : 'to take no step from (--steps 0)';
  const message = `Expected a model with a head of this architecture ${what}; ${path} has none.`;
  throw new CountersignError('INVALID_ARGUMENT', message, { details: { init: path } });
}
