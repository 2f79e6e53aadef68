import { CountersignError } from '../core/errors.js';
import type { Problem } from './result.js';

/** Readable files that show no signature: the comparison is inconclusive. */
const NO_SIGNATURE: ReadonlySet<string> = new Set(['IMAGE_BLANK', 'IMAGE_SOLID', 'IMAGE_SPECK']);

/** Whether the image could be read, and there is no signature on it. */
export function showsNoSignature(error: unknown): error is CountersignError {
  return error instanceof CountersignError && NO_SIGNATURE.has(error.code);
}

/** Why an image cannot be compared. @throws the error where it says something else */
export function problemOf(error: unknown): Problem {
  if (!showsNoSignature(error)) throw error;
  return { code: error.code, message: error.message, hint: error.hint };
}
