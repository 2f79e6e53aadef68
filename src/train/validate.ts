import { Rng } from '../core/rng.js';
import { equalErrorRate } from '../evaluate/error-rates.js';
import { fitModelCalibration, type ModelCalibration } from '../evaluate/fit-model-calibration.js';
import {
  type EmbeddedSamples,
  genuinePairs,
  identities,
  randomForgeryPairs,
  selectSamples,
  skilledForgeryPairs,
} from '../evaluate/pairs.js';
import type { SampleOfSet } from '../metric/sampler.js';

/** What the validation writers say about the weights: how good they are, and how to decide with them. */
export interface Validation extends Omit<ModelCalibration, 'eer'> {
  /** Mean of `skilled` over the data sets that have forgeries and are not left out, a share 0 .. 1. */
  readonly eer: number;
  readonly sets: readonly SetValidation[];
}

/** EER on all genuine pairs of one data set against its forged ones, shares 0 .. 1. */
export interface SetValidation {
  readonly dataset: string;
  /** Null for a set without forgeries, or of which too few images show a signature. */
  readonly skilled: number | null;
  /** Null for a set of one validation writer, or as above. */
  readonly random: number | null;
}

export interface EmbeddedSets extends EmbeddedSamples {
  readonly samples: readonly SampleOfSet[];
  /** Data sets that are measured and decide nothing. */
  readonly leftOut: readonly string[];
}

export function validate({ leftOut, ...embedded }: EmbeddedSets): Validation {
  const names = [...new Set(embedded.samples.map(({ dataset }) => dataset))].sort();
  const sets = names.map((name) => validateSet(embedded, name));
  const deciding = selectSamples(embedded, ({ dataset }) => !leftOut.includes(dataset!));
  return {
    ...fitModelCalibration(deciding),
    eer: mean(sets.flatMap(({ dataset, skilled }) => (leftOut.includes(dataset) ? [] : (skilled ?? [])))),
    sets,
  };
}

function validateSet(embedded: EmbeddedSamples, dataset: string): SetValidation {
  const own = selectSamples(embedded, (sample) => sample.dataset === dataset);
  const groups = identities(own.samples);
  if (!groups.some(({ genuine }) => genuine.length >= 2)) return { dataset, skilled: null, random: null };
  const genuine = genuinePairs(own).distance;
  const random = randomForgeryPairs(own, new Rng(0)).distance;
  const hasForgeries = groups.some((group) => group.genuine.length > 0 && group.forged.length > 0);
  return {
    dataset,
    skilled: hasForgeries ? equalErrorRate(genuine, skilledForgeryPairs(own).distance).eer : null,
    random: random.length > 0 ? equalErrorRate(genuine, random).eer : null,
  };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
