import { readFile } from 'node:fs/promises';
import { CountersignError } from '../core/errors.js';

/** @throws CountersignError MODEL_NOT_FOUND */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CountersignError('MODEL_NOT_FOUND', `Cannot read a model file ${path}: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
