/** Writers that a model has learnt from or was calibrated on say nothing about it any more. */
import { CountersignError } from '../core/errors.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { findBuiltIn } from '../data/find-protocol.js';
import type { Protocol } from '../data/protocol.js';
import { testWritersOf } from '../data/splits.js';
import { learntFrom, type ModelMetadata } from '../nn/model-metadata.js';

/**
 * A model may be tested or calibrated on a set that its weights learnt from, in its own run or before, only on writers
 * that were kept out each time.
 *
 * @param purpose - in words, `test`
 * @param protocol - whose test writers shall be used; all writers of the set without one
 * @throws PROTOCOL_MISMATCH
 */
export function refuseLearntWriters(
  model: ModelMetadata,
  dataset: Dataset,
  protocol: Protocol | undefined,
  purpose: string,
): void {
  const earlier = learntFrom(model).filter((entry) => entry.dataset === dataset.name);
  const leak = earlier.find((entry) => protocol === undefined || !keptOut(entry.protocol, dataset, protocol));
  if (leak === undefined) return;
  const kept = leak.protocol === null ? 'no writers' : `only the test writers of ${leak.protocol}`;
  throw new CountersignError(
    'PROTOCOL_MISMATCH',
    `${model.id} learnt from ${dataset.name} with ${kept} kept out; ${protocol?.name ?? 'all writers'} would ${purpose} writers it has seen.`,
    { details: { model: model.id, dataset: dataset.name, learntFrom: earlier } },
  );
}

/** Whether keeping out the writers of the protocol `kept` kept out those that are used now. */
function keptOut(kept: string | null, dataset: Dataset, used: Protocol): boolean {
  if (kept === null) return false;
  if (kept === used.name) return true;
  const protocol = findBuiltIn(kept); // a document of somebody's own is known by its name alone
  if (protocol === undefined) return false;
  const writers = new Set(testWritersOf(dataset, protocol));
  return testWritersOf(dataset, used).every((writer) => writers.has(writer));
}

/** @throws PROTOCOL_MISMATCH when a writer of the samples is one of the model's calibration */
export function refuseCalibrationWriters(model: ModelMetadata, dataset: Dataset, samples: readonly Sample[]): void {
  const calibrated = new Set(model.calibration?.writers);
  const both = [...new Set(samples.map(({ writer }) => calibrationName(dataset, writer)))].filter((name) =>
    calibrated.has(name),
  );
  if (both.length === 0) return;
  throw new CountersignError(
    'PROTOCOL_MISMATCH',
    `The threshold of ${model.id} was fixed on ${both.length} of the writers to test: ${both.slice(0, 5).join(', ')}.`,
    { details: { model: model.id, writers: both } },
  );
}

/** A writer as a model file names it. */
export function calibrationName({ name }: Pick<Dataset, 'name'>, writer: string): string {
  return `${name}/${writer}`;
}
