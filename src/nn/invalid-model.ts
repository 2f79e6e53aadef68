import { CountersignError } from '../core/errors.js';

/** Apart from the schemas of a model file, which take long to load. */
export function invalidModel(reason: string, cause?: unknown): CountersignError {
  return new CountersignError('MODEL_INVALID', `Not a model of countersign: ${reason}.`, { cause });
}

/** A reason: its graph gives embeddings of another length than it says. */
export function wrongLength(given: number, said: number): string {
  return `it gives embeddings of ${given} numbers where its metadata says ${said}`;
}
