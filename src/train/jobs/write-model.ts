import { writeFileAtomic } from '../../data/atomic-file.js';
import { encodeModel } from '../../nn/model-file.js';

export interface WriteModel {
  readonly path: string;
  readonly weights: Parameters<typeof encodeModel>[0];
  readonly metadata: Parameters<typeof encodeModel>[1];
  /** First part of the model's id. */
  readonly name: string;
}

/** Runs in a worker: encoding the weights of a network takes longer than a program may stand still. */
export default async function writeModel({ path, weights, metadata, name }: WriteModel): Promise<void> {
  await writeFileAtomic(path, encodeModel(weights, metadata, name));
}
