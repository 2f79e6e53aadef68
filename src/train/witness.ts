/** A network that has learnt from none of the writers of some data sets: its distances to them are as those to strangers. */
import { CountersignError } from '../core/errors.js';
import type { SampleOfSet } from '../metric/sampler.js';
import { learntFrom, type ModelMetadata } from '../nn/model-metadata.js';
import type { Weights } from '../nn/weights.js';
import type { TrainConfig } from './config.js';
import { readStart } from './initial-weights.js';

export interface Witness {
  readonly weights: Weights;
  readonly metadata: ModelMetadata;
  /** Names of data sets. */
  readonly learntFrom: ReadonlySet<string>;
}

/**
 * @param path - a model file, also of 8-bit integers
 * @throws CountersignError MODEL_NOT_FOUND, MODEL_INVALID, WEIGHTS_INVALID; INVALID_ARGUMENT for one that prepares images otherwise
 */
export async function readWitness(path: string | undefined, { preprocess }: TrainConfig): Promise<Witness> {
  if (path === undefined) throw refuse('--radius-share wants a --witness');
  const { source, metadata } = await readStart(path);
  if (metadata === undefined) throw refuse(`Expected a model as --witness; ${path} holds weights alone`);
  if (JSON.stringify(metadata.preprocess) !== JSON.stringify(preprocess))
    throw refuse(`Expected a --witness that prepares images as this run does; ${metadata.id} does not`);
  return { weights: source, metadata, learntFrom: new Set(learntFrom(metadata).map(({ dataset }) => dataset)) };
}

/** @throws CountersignError INVALID_ARGUMENT where the witness has learnt from all data sets with forgeries */
export function requireStranger({ learntFrom: known, metadata }: Witness, samples: readonly SampleOfSet[]): void {
  if (samples.some(({ dataset, kind }) => kind === 'forged' && !known.has(dataset))) return;
  throw refuse(
    `Expected a --witness that has not learnt from every data set with forgeries; ${metadata.id} has learnt from ${[...known].join(', ')}`,
  );
}

function refuse(what: string): CountersignError {
  return new CountersignError('INVALID_ARGUMENT', `${what}.`);
}
