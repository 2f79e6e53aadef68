import { encodeModel } from '../../nn/model-file.js';

/** Runs in a worker: writing the bytes of a network takes longer than a program may stand still. */
export default function encode(model: {
  readonly weights: Parameters<typeof encodeModel>[0];
  readonly metadata: Parameters<typeof encodeModel>[1];
  readonly name: string;
}): Uint8Array {
  return encodeModel(model.weights, model.metadata, model.name);
}
