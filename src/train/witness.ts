/** A network that has learnt from none of the writers of some data sets: its distances to them are as those to strangers. */
import { CountersignError } from '../core/errors.js';
import { type IdentityGroup, identities } from '../evaluate/pairs.js';
import type { SampleOfSet } from '../metric/sampler.js';
import { type LearntFrom, learntFrom, type ModelMetadata } from '../nn/model-metadata.js';
import type { Weights } from '../nn/weights.js';
import type { TrainConfig } from './config.js';
import { readStart } from './initial-weights.js';

export interface Witness {
  readonly weights: Weights;
  readonly metadata: ModelMetadata;
  /** What it has learnt from, and the names of these data sets. */
  readonly ancestry: readonly LearntFrom[];
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
  const ancestry = learntFrom(metadata);
  return { weights: source, metadata, ancestry, learntFrom: new Set(ancestry.map(({ dataset }) => dataset)) };
}

/** Identities with genuine pairs and forgeries, of data sets that the witness has not learnt from. */
export function judgeable(witness: Witness, samples: readonly SampleOfSet[]): IdentityGroup[] {
  return identities(samples).filter(
    ({ genuine, forged }) =>
      genuine.length >= 2 && forged.length > 0 && !witness.learntFrom.has(samples[genuine[0]!]!.dataset),
  );
}

/** @throws CountersignError INVALID_ARGUMENT where the witness knows all writers that it could say something of */
export function requireStrangers(witness: Witness, samples: readonly SampleOfSet[]): void {
  if (new Set(judgeable(witness, samples).map(({ writer }) => writer)).size >= 2) return;
  throw refuse(
    `Expected a --witness that has not learnt from the data sets of two writers or more with genuine pairs and forgeries; ${witness.metadata.id} has learnt from ${[...witness.learntFrom].join(', ')}`,
  );
}

function refuse(what: string): CountersignError {
  return new CountersignError('INVALID_ARGUMENT', `${what}.`);
}
