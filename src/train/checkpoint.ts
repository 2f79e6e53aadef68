/**
 * A checkpoint holds all that a run needs to go on as if it had not stopped: weights, their moving average, the
 * optimiser's moments, the step, and the configuration and data it belongs to. One safetensors
 * file, replaced atomically, sealed by a hash.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { decodeSafetensors, encodeSafetensors } from '../nn/safetensors.js';
import type { WeightTensor } from '../nn/weights.js';
import { type TrainConfig, trainConfigSchema } from './config.js';

export const progressSchema = z.strictObject({
  /** Steps done. */
  step: z.int().min(0),
  /** Validation of the best weights so far; null before the first. */
  best: z.strictObject({ step: z.int(), eer: z.number() }).nullable(),
  /** Validations since then. */
  sinceBest: z.int().min(0),
  finished: z.boolean(),
});

export type Progress = z.infer<typeof progressSchema>;

/** Where the weights of step 0 came from; a resumed run keeps it, whatever it is called with. */
export const originSchema = z.strictObject({
  /** File name of the initial weights. */
  init: z.string(),
  /** First part of the model's id. */
  name: z.string(),
  ancestry: z.array(z.strictObject({ dataset: z.string(), protocol: z.string().nullable() })),
  /** SHA-256 of the weights of step 0, or of the model that their head inherits from; absent in files of versions before it. */
  startHash: z.string().optional(),
  /** Id of the model that a radius is fitted by, where the run ends with one. */
  witness: z.string().optional(),
});

export type Origin = z.infer<typeof originSchema>;

export interface Checkpoint {
  readonly origin: Origin;
  readonly config: TrainConfig;
  readonly dataHash: string;
  readonly progress: Progress;
  /** Named groups of tensors: `weights`, `average`, `moments`; with trained batch norm its running `statistics`. */
  readonly groups: Readonly<Record<string, ReadonlyMap<string, WeightTensor>>>;
}

export async function saveCheckpoint({ path, checkpoint }: { path: string; checkpoint: Checkpoint }): Promise<void> {
  const { origin, config, dataHash, progress, groups } = checkpoint;
  const tensors = new Map<string, WeightTensor>();
  for (const [group, members] of Object.entries(groups)) {
    for (const [name, tensor] of members) tensors.set(`${group}/${name}`, tensor);
  }
  const body = encodeSafetensors(tensors, {
    origin: JSON.stringify(origin),
    config: JSON.stringify(config),
    dataHash,
    progress: JSON.stringify(progress),
  });
  const seal = createHash('sha256').update(body).digest();
  await writeFileAtomic(path, Buffer.concat([body, seal]));
}

/** @throws CountersignError CHECKPOINT_INVALID when the file is missing, cut or altered */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const invalid = (reason: string, cause?: unknown) =>
    new CountersignError('CHECKPOINT_INVALID', `Cannot resume from ${path}: ${reason}.`, { details: { path }, cause });
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (cause) {
    throw invalid(
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message,
      cause,
    );
  }
  const body = file.subarray(0, Math.max(0, file.length - 32));
  if (!createHash('sha256').update(body).digest().equals(file.subarray(body.length))) {
    throw invalid('the file is cut off or altered');
  }
  try {
    const { tensors, metadata } = decodeSafetensors(body);
    const groups: Record<string, Map<string, WeightTensor>> = {};
    for (const [key, tensor] of tensors) {
      const slash = key.indexOf('/');
      const group = key.slice(0, slash);
      groups[group] ??= new Map();
      groups[group].set(key.slice(slash + 1), tensor);
    }
    return {
      origin: originSchema.parse(JSON.parse(metadata.origin ?? '')),
      config: trainConfigSchema.parse(JSON.parse(metadata.config ?? '')),
      dataHash: metadata.dataHash ?? '',
      progress: progressSchema.parse(JSON.parse(metadata.progress ?? '')),
      groups,
    };
  } catch (cause) {
    throw invalid('it was written by another version', cause);
  }
}
