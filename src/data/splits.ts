import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import type { Dataset } from './dataset.js';
import { normaliseWriter } from './layouts/layout.js';
import type { WriterList } from './test-writers.js';
import { groupByWriter } from './writers.js';

/** Three parts of one data set; no writer is in two of them. */
export interface Split {
  /** What the network learns from. */
  readonly development: Dataset;
  /** Held out of training for the choice of checkpoint, threshold and calibration. */
  readonly validation: Dataset;
  /** Writers that nothing was learnt from. */
  readonly test: Dataset;
}

/**
 * Splits by a list of test writers, published or your own. Validation writers are drawn from the others.
 *
 * @param list - `dataset` is compared with the set's name where it is given
 * @throws PROTOCOL_MISMATCH when the list is of another set, or its writers are not in this one;
 *   DATASET_TOO_FEW_WRITERS
 * @example
 * const split = splitByList(hindi, findWriterList('bhsig260-hindi/published'), { validationWriters: 10, seed: 1 });
 * // development 90 writers (4,860 samples), validation 10 (540), test 60 (3,240)
 */
export function splitByList(
  dataset: Dataset,
  list: Pick<WriterList, 'name' | 'testWriters'> & Partial<Pick<WriterList, 'dataset'>>,
  { validationWriters, seed }: { readonly validationWriters: number; readonly seed: number },
): Split {
  if (list.dataset !== undefined && list.dataset !== dataset.name) {
    const message = `Protocol ${list.name} is of the data set ${list.dataset}; ${dataset.name} came (${dataset.root}).`;
    throw new CountersignError('PROTOCOL_MISMATCH', message, {
      details: { protocol: list.name, dataset: dataset.name },
    });
  }
  const listed = new Set(list.testWriters.map(String).map(normaliseWriter));
  const test = groupByWriter(dataset.samples)
    .map(({ writer }) => writer)
    .filter((writer) => listed.has(normaliseWriter(writer)));
  const present = new Set(test.map(normaliseWriter));
  const missing = [...listed].filter((writer) => !present.has(writer));
  if (missing.length > 0) {
    const message = `Protocol ${list.name} tests writers that ${dataset.name} (${dataset.root}) lacks: ${missing.join(', ')}.`;
    throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { protocol: list.name, missing } });
  }
  const validation = drawWriters(dataset, validationWriters, new Set(test), new Rng(seed).fork('validation'));
  return partition(dataset, new Set(test), new Set(validation));
}

/**
 * Holds some writers out of a set that is tested whole.
 *
 * @returns `rest` is every other writer
 * @throws DATASET_TOO_FEW_WRITERS also when nobody would be left
 */
export function holdOut(
  dataset: Dataset,
  { writers, seed }: { readonly writers: number; readonly seed: number },
): { readonly heldOut: Dataset; readonly rest: Dataset } {
  const drawn = drawWriters(dataset, writers, new Set(), new Rng(seed).fork('validation'));
  const { validation: heldOut, development: rest } = partition(dataset, new Set(), new Set(drawn));
  if (rest.samples.length > 0) return { heldOut, rest };
  const message = `Expected more than ${writers} writers of ${dataset.name}: all of them would be held out.`;
  throw new CountersignError('DATASET_TOO_FEW_WRITERS', message, { details: { writers } });
}

/**
 * Draws test writers, then validation writers, at random.
 *
 * @throws DATASET_TOO_FEW_WRITERS
 * @example splitRandom(hindi, { testWriters: 60, validationWriters: 10, seed: 3 })
 */
export function splitRandom(
  dataset: Dataset,
  options: { readonly testWriters: number; readonly validationWriters: number; readonly seed: number },
): Split {
  const rng = new Rng(options.seed);
  const test = new Set(drawWriters(dataset, options.testWriters, new Set(), rng.fork('test')));
  const validation = drawWriters(dataset, options.validationWriters, test, rng.fork('validation'));
  return partition(dataset, test, new Set(validation));
}

/**
 * Writers that errors can be measured on: two genuine signatures, and skilled forgeries where the set has any (a set
 * without forgeries is judged by random ones).
 */
function drawWriters(dataset: Dataset, count: number, taken: ReadonlySet<string>, rng: Rng): string[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new CountersignError('INVALID_ARGUMENT', `Expected a number of writers of 0 or more; ${count} came.`);
  }
  const needsForgeries = dataset.samples.some(({ kind }) => kind === 'forged');
  const candidates = groupByWriter(dataset.samples)
    .filter(({ genuine, forged }) => genuine.length >= 2 && (forged.length > 0 || !needsForgeries))
    .map(({ writer }) => writer)
    .filter((writer) => !taken.has(writer));
  if (candidates.length < count) {
    const needs = needsForgeries ? 'two genuine signatures and a skilled forgery' : 'two genuine signatures';
    const message = `Expected ${count} writers of ${dataset.name} with ${needs} to hold out, but ${candidates.length} are left.`;
    throw new CountersignError('DATASET_TOO_FEW_WRITERS', message, {
      details: { count, candidates: candidates.length },
    });
  }
  return rng.sample(candidates, count);
}

function partition(dataset: Dataset, test: ReadonlySet<string>, validation: ReadonlySet<string>): Split {
  const part = (isIn: (writer: string) => boolean): Dataset => ({
    ...dataset,
    samples: dataset.samples.filter(({ writer }) => isIn(writer)),
  });
  return {
    development: part((writer) => !test.has(writer) && !validation.has(writer)),
    validation: part((writer) => validation.has(writer)),
    test: part((writer) => test.has(writer)),
  };
}
