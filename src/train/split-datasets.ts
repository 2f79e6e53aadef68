/** Several data sets become one of each part: writers of different sets are different people. */
import { CountersignError } from '../core/errors.js';
import type { Dataset, Sample } from '../data/dataset.js';
import type { Protocol } from '../data/protocol.js';
import { type Split, splitByProtocol } from '../data/splits.js';
import { requireForgeries } from '../data/writers.js';
import type { TrainConfig } from './config.js';

/** Samples whose ids, writers and identities carry the name of their set. */
export interface SplitSamples {
  readonly development: readonly Sample[];
  readonly validation: readonly Sample[];
  readonly test: readonly Sample[];
}

/**
 * @param protocols - one for each data set; none keeps no writer for a test
 * @throws CountersignError INVALID_ARGUMENT, DATASET_*, PROTOCOL_*
 */
export function splitDatasets(
  datasets: readonly Dataset[],
  protocols: readonly Protocol[],
  config: Pick<TrainConfig, 'validationWriters' | 'seed'>,
): SplitSamples {
  refuseSameName(datasets);
  refuseUnusedProtocols(protocols, datasets);
  const splits = datasets.map((dataset) => splitOf(dataset, protocols, config));
  return {
    development: merge(splits.map(({ development }) => development)),
    validation: merge(splits.map(({ validation }) => validation)),
    test: merge(splits.map(({ test }) => test)),
  };
}

/** Samples carry their set's name; two sets of one name would make one person of two writers. */
function refuseSameName(datasets: readonly Dataset[]): void {
  datasets.forEach(({ name, root }, i) => {
    const twin = datasets.slice(0, i).find((other) => other.name === name);
    if (twin === undefined) return;
    const message = `Expected data sets of different names, but ${twin.root} and ${root} are both called ${name}.`;
    throw new CountersignError('INVALID_ARGUMENT', message, { details: { name, roots: [twin.root, root] } });
  });
}

/** The model says which protocols were kept out of its training, so each must be the one of a set that is here. */
function refuseUnusedProtocols(protocols: readonly Protocol[], datasets: readonly Dataset[]): void {
  protocols.forEach(({ name, dataset }, i) => {
    if (dataset === undefined) {
      const message = `Expected a protocol that names its data set, so that the model can say what was kept out of which; ${name} names none.`;
      throw new CountersignError('INVALID_ARGUMENT', message, { details: { protocol: name } });
    }
    const twin = protocols.slice(0, i).find((other) => other.dataset === dataset);
    if (twin !== undefined) {
      const message = `Expected one protocol for each data set; ${twin.name} and ${name} are both of ${dataset}.`;
      throw new CountersignError('INVALID_ARGUMENT', message);
    }
    if (datasets.some((present) => present.name === dataset)) return;
    const names = datasets.map((present) => present.name).join(', ');
    const message = `Protocol ${name} is of the data set ${dataset}; ${names} came.`;
    throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { protocol: name } });
  });
}

function splitOf(
  dataset: Dataset,
  protocols: readonly Protocol[],
  { validationWriters, seed }: Pick<TrainConfig, 'validationWriters' | 'seed'>,
): Split {
  requireForgeries(dataset);
  const protocol = protocols.find((candidate) => candidate.dataset === dataset.name);
  if (protocol === undefined && protocols.length > 0) {
    const names = protocols.map(({ name }) => name).join(', ');
    throw new CountersignError('PROTOCOL_MISMATCH', `None of ${names} is a protocol of ${dataset.name}.`);
  }
  return splitByProtocol(dataset, protocol, { validationWriters, seed });
}

/** Samples of several sets as one. */
function merge(datasets: readonly Dataset[]): Sample[] {
  return datasets.flatMap(({ name, samples }) =>
    samples.map((sample) => ({
      ...sample,
      id: `${name}/${sample.id}`,
      writer: `${name}/${sample.writer}`,
      identity: `${name}/${sample.identity}`,
    })),
  );
}
