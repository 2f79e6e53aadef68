/** Several data sets become one of each part: writers of different sets are different people. */
import { CountersignError } from '../core/errors.js';
import type { Dataset } from '../data/dataset.js';
import type { Protocol } from '../data/protocol.js';
import { type Split, splitByProtocol } from '../data/splits.js';
import { groupByWriter, requireForgeries } from '../data/writers.js';
import { calibrationName } from '../evaluate/seen-writers.js';
import type { SampleOfSet } from '../metric/sampler.js';
import type { TrainConfig } from './config.js';

/** Samples whose ids, writers and identities carry the name of their set. */
export interface SplitSamples {
  readonly development: readonly SampleOfSet[];
  readonly validation: readonly SampleOfSet[];
  readonly test: readonly SampleOfSet[];
}

/**
 * @param protocols - one for each data set; none keeps no writer for a test
 * @throws CountersignError INVALID_ARGUMENT, DATASET_*, PROTOCOL_*
 */
export function splitDatasets(
  datasets: readonly Dataset[],
  protocols: readonly Protocol[],
  config: Pick<TrainConfig, 'validationWriters' | 'validationSeed' | 'leaveOut'>,
): SplitSamples {
  refuseSameName(datasets);
  refuseUnknown(config.leaveOut, datasets);
  if (!datasets.some(({ samples }) => samples.some(({ kind }) => kind === 'forged')))
    datasets.forEach(requireForgeries);
  refuseUnusedProtocols(protocols, datasets);
  const splits = datasets.map((dataset) => {
    const { validationWriters: wanted, validationSeed: seed } = config;
    const validationWriters = datasets.length === 1 ? wanted : affordable(dataset, protocols, wanted);
    const split = splitOf(dataset, protocols, { validationWriters, seed });
    return config.leaveOut.includes(dataset.name) ? leaveOut(split) : split;
  });
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

/** A set whose protocol is not named keeps no writer for a test, and its model cannot be tested on it. */
function splitOf(
  dataset: Dataset,
  protocols: readonly Protocol[],
  { validationWriters, seed }: { readonly validationWriters: number; readonly seed: number },
): Split {
  const protocol = protocols.find((candidate) => candidate.dataset === dataset.name);
  return splitByProtocol(dataset, protocol, { validationWriters, seed });
}

/** Nothing is learnt from the set; whoever is not tested is measured. */
function leaveOut({ development, validation, test }: Split): Split {
  const samples = [...development.samples, ...validation.samples];
  return { development: { ...development, samples: [] }, validation: { ...validation, samples }, test };
}

function refuseUnknown(leftOut: readonly string[], datasets: readonly Dataset[]): void {
  const names = datasets.map(({ name }) => name);
  const unknown = leftOut.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  const message = `Expected to leave out data sets that are there, ${names.join(', ')}; ${unknown.join(', ')} came.`;
  throw new CountersignError('INVALID_ARGUMENT', message, { details: { unknown } });
}

/** Of several sets: as many writers as are wanted, but no more than a third of those whom errors can be measured on. */
function affordable(dataset: Dataset, protocols: readonly Protocol[], wanted: number): number {
  const { development } = splitOf(dataset, protocols, { validationWriters: 0, seed: 0 });
  const writers = groupByWriter(development.samples);
  const forged = writers.filter((writer) => writer.forged.length > 0);
  const measurable = (forged.length > 0 ? forged : writers).length;
  return Math.min(wanted, Math.max(1, Math.floor(measurable / 3)));
}

/** Samples of several sets as one. */
function merge(datasets: readonly Dataset[]): SampleOfSet[] {
  return datasets.flatMap(({ name, samples }) =>
    samples.map((sample) => ({
      ...sample,
      dataset: name,
      text: sample.identity.startsWith(`${sample.writer}/`) ? sample.identity.slice(sample.writer.length + 1) : '',
      id: `${name}/${sample.id}`,
      writer: calibrationName({ name }, sample.writer),
      identity: `${name}/${sample.identity}`,
    })),
  );
}
