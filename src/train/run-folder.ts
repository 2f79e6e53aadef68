/** The folder of a run: its files, and whether a run may begin there, or go on. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { type Checkpoint, loadCheckpoint } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { changesWeights, type EndConfig } from './end-weights.js';

export interface RunFolder {
  /** What the run was made from, and how it ended. */
  readonly record: string;
  readonly checkpoint: string;
  readonly model: string;
  /** The best weights so far; another file than `model` where the end makes others of them. */
  readonly trained: string;
  /** The model of two views. */
  readonly careful: string;
}

export const checkpointIn = (path: string): string => join(path, 'checkpoint.safetensors');

export function runFolder(path: string, config: EndConfig): RunFolder {
  const model = join(path, 'model.onnx');
  return {
    record: join(path, 'run.json'),
    checkpoint: checkpointIn(path),
    model,
    trained: changesWeights(config) ? join(path, 'trained.onnx') : model,
    careful: join(path, 'careful.onnx'),
  };
}

/** A new run does not write over the days of an old one. @throws CountersignError INVALID_ARGUMENT */
export async function refuseOtherRun({ checkpoint, model, trained, careful }: RunFolder): Promise<void> {
  for (const file of [checkpoint, model, trained, careful]) {
    if (!(await exists(file))) continue;
    const message = `Expected a folder without a run, but there is ${file}: go on with it by --resume, or name another folder.`;
    throw new CountersignError('INVALID_ARGUMENT', message, { details: { file } });
  }
}

/**
 * The checkpoint, if it is of the same run.
 *
 * @throws CountersignError CHECKPOINT_MISMATCH for other data or another configuration; CHECKPOINT_INVALID where it cannot be
 *   read, or the best model so far is gone
 */
export async function readCheckpoint(
  { checkpoint: path, trained }: RunFolder,
  config: TrainConfig,
  dataHash: string,
): Promise<Checkpoint> {
  const checkpoint = await loadCheckpoint(path);
  if (checkpoint.dataHash !== dataHash) {
    throw new CountersignError('CHECKPOINT_MISMATCH', `${path} was trained on other data.`);
  }
  const differing = Object.keys(config).filter(
    (key) =>
      key !== 'workers' && // no result depends on them
      key !== 'device' && // but for rounding
      key !== 'careful' && // it is made at the end, of a run that has ended too
      JSON.stringify(config[key as keyof TrainConfig]) !== JSON.stringify(checkpoint.config[key as keyof TrainConfig]),
  );
  if (differing.length > 0) {
    throw new CountersignError(
      'CHECKPOINT_MISMATCH',
      `${path} was trained with another configuration; these differ: ${differing.join(', ')}.`,
      { details: { differing } },
    );
  }
  if (checkpoint.progress.best !== null && !(await exists(trained))) {
    throw new CountersignError('CHECKPOINT_INVALID', `Cannot resume: ${trained}, the best model so far, is gone.`);
  }
  return checkpoint;
}

/** The scale of distances is one witness's. @throws CountersignError CHECKPOINT_MISMATCH */
export function requireSameWitness({ origin }: Checkpoint, id: string | undefined): void {
  if (origin.witness === id) return;
  const message = `Expected the --witness of this run, ${origin.witness}; ${id} came.`;
  throw new CountersignError('CHECKPOINT_MISMATCH', message, { details: { witness: origin.witness } });
}

/** What a run averages with or learns from is what it started from. @throws CountersignError CHECKPOINT_MISMATCH */
export function requireSameStart({ origin }: Checkpoint, hash: string, init: string): void {
  if (origin.startHash === undefined || origin.startHash === hash) return;
  const message = `Expected the weights that this run started from, ${origin.init}, which it averages with or learns from; ${init} holds others.`;
  throw new CountersignError('CHECKPOINT_MISMATCH', message, { details: { init, startedFrom: origin.init } });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
