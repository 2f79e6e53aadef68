import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import type { Dataset } from './dataset.js';
import { normaliseWriter } from './layouts/layout.js';
import type { Protocol } from './protocol.js';
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
 * The test writers are those of a protocol; validation writers are drawn from the others.
 *
 * @param protocol - without one no writer is kept for a test
 * @throws PROTOCOL_MISMATCH when the protocol is of another set, or its writers are not in this one;
 *   DATASET_TOO_FEW_WRITERS
 * @example
 * const protocol = findProtocol('bhsig260-hindi/published');
 * const split = splitByProtocol(hindi, protocol, { validationWriters: 10, seed: 1 });
 * // development 90 writers (4,860 samples), validation 10 (540), test 60 (3,240)
 */
export function splitByProtocol(
  dataset: Dataset,
  protocol: SplitProtocol | undefined,
  { validationWriters, seed }: { readonly validationWriters: number; readonly seed: number },
): Split {
  const test = new Set(protocol === undefined ? [] : testWritersOf(dataset, protocol));
  const validation = new Set(drawWriters(dataset, validationWriters, test, new Rng(seed).fork('validation')));
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

/** What a split needs of a protocol. */
export type SplitProtocol = Pick<Protocol, 'name' | 'dataset' | 'testWriters'>;

/**
 * Names of the writers that a protocol tests.
 *
 * @throws PROTOCOL_MISMATCH when the protocol is of another set, or its writers are not in this one
 */
export function testWritersOf(dataset: Dataset, protocol: SplitProtocol): string[] {
  const { name, testWriters } = protocol;
  if (protocol.dataset !== undefined && protocol.dataset !== dataset.name) {
    const message = `Protocol ${name} is of the data set ${protocol.dataset}; ${dataset.name} came (${dataset.root}).`;
    throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { protocol: name, dataset: dataset.name } });
  }
  switch (testWriters.select) {
    case 'all':
      return groupByWriter(dataset.samples).map(({ writer }) => writer);
    case 'list':
      return listedWriters(dataset, name, testWriters.writers);
    case 'random':
      return randomWriters(dataset, name, testWriters);
  }
}

function listedWriters(dataset: Dataset, protocol: string, writers: readonly (number | string)[]): string[] {
  const listed = new Set(writers.map(String).map(normaliseWriter));
  const found = groupByWriter(dataset.samples)
    .map(({ writer }) => writer)
    .filter((writer) => listed.has(normaliseWriter(writer)));
  const present = new Set(found.map(normaliseWriter));
  const missing = [...listed].filter((writer) => !present.has(writer));
  if (missing.length === 0) return found;
  const message = `Protocol ${protocol} tests writers that ${dataset.name} (${dataset.root}) lacks: ${missing.join(', ')}.`;
  throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { protocol, missing } });
}

function randomWriters(
  dataset: Dataset,
  protocol: string,
  { count, from, seed }: { readonly count: number; readonly from: number; readonly seed: number },
): string[] {
  const candidates = measurableWriters(dataset).length;
  if (candidates === from) return drawWriters(dataset, count, new Set(), new Rng(seed).fork('test'));
  const message = `Protocol ${protocol} draws from ${from} writers; ${dataset.name} (${dataset.root}) has ${candidates} that errors can be measured on.`;
  throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { protocol, from, candidates } });
}

/**
 * Writers that errors can be measured on: two genuine signatures, and skilled forgeries where the set has any (a set
 * without forgeries is judged by random ones).
 */
function measurableWriters(dataset: Dataset): string[] {
  const needsForgeries = hasForgeries(dataset);
  return groupByWriter(dataset.samples)
    .filter(({ genuine, forged }) => genuine.length >= 2 && (forged.length > 0 || !needsForgeries))
    .map(({ writer }) => writer);
}

function hasForgeries({ samples }: Dataset): boolean {
  return samples.some(({ kind }) => kind === 'forged');
}

function drawWriters(dataset: Dataset, count: number, taken: ReadonlySet<string>, rng: Rng): string[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new CountersignError('INVALID_ARGUMENT', `Expected a number of writers of 0 or more; ${count} came.`);
  }
  const candidates = measurableWriters(dataset).filter((writer) => !taken.has(writer));
  if (candidates.length < count) {
    const needs = hasForgeries(dataset) ? 'two genuine signatures and a skilled forgery' : 'two genuine signatures';
    const message = `Expected ${count} writers of ${dataset.name} with ${needs} to hold out, but ${candidates.length} are left.`;
    throw new CountersignError('DATASET_TOO_FEW_WRITERS', message, {
      details: { count, candidates: candidates.length },
    });
  }
  return rng.sample(candidates, count);
}
