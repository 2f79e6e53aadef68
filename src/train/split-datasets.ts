/** Several data sets become one of each part: writers of different sets are different people. */
import { CountersignError } from '../core/errors.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { type Split, splitByList, splitRandom } from '../data/splits.js';
import { findWriterList, type WriterList } from '../data/test-writers.js';
import { requireForgeries } from '../data/writers.js';
import type { TrainConfig } from './config.js';

/** Samples whose ids, writers and identities carry the name of their set. */
export interface SplitSamples {
  readonly development: readonly Sample[];
  readonly validation: readonly Sample[];
  readonly test: readonly Sample[];
}

/**
 * @param protocols - names of lists of test writers, one for each data set; none keeps no writer for a test
 * @throws CountersignError INVALID_ARGUMENT, DATASET_*, PROTOCOL_*
 */
export function splitDatasets(
  datasets: readonly Dataset[],
  protocols: readonly string[],
  config: Pick<TrainConfig, 'validationWriters' | 'seed'>,
): SplitSamples {
  refuseSameName(datasets);
  const lists = protocols.map(findWriterList);
  refuseUnusedLists(lists, datasets);
  const splits = datasets.map((dataset) => splitOf(dataset, lists, config));
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

/** The model says which lists were kept out of its training, so each must be the one list of a set that is here. */
function refuseUnusedLists(lists: readonly WriterList[], datasets: readonly Dataset[]): void {
  lists.forEach((list, i) => {
    const twin = lists.slice(0, i).find(({ dataset }) => dataset === list.dataset);
    if (twin !== undefined) {
      const message = `Expected one protocol for each data set; ${twin.name} and ${list.name} are both of ${list.dataset}.`;
      throw new CountersignError('INVALID_ARGUMENT', message);
    }
    if (datasets.some(({ name }) => name === list.dataset)) return;
    const names = datasets.map(({ name }) => name).join(', ');
    const message = `Protocol ${list.name} is of the data set ${list.dataset}; ${names} came.`;
    throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { protocol: list.name } });
  });
}

function splitOf(
  dataset: Dataset,
  lists: readonly WriterList[],
  { validationWriters, seed }: Pick<TrainConfig, 'validationWriters' | 'seed'>,
): Split {
  requireForgeries(dataset);
  const list = lists.find((candidate) => candidate.dataset === dataset.name);
  if (list !== undefined) return splitByList(dataset, list, { validationWriters, seed });
  if (lists.length > 0) {
    const names = lists.map(({ name }) => name).join(', ');
    throw new CountersignError('PROTOCOL_MISMATCH', `None of ${names} is a protocol of ${dataset.name}.`);
  }
  return splitRandom(dataset, { testWriters: 0, validationWriters, seed });
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
