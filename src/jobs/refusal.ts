/** What is wrong with an item, and what is trouble of the system. */
import type { CountersignError, ErrorCode } from '../core/errors.js';

/**
 * How an item is refused that says no by what it holds: an image that cannot be read, a writer whom nobody knows.
 *
 * @throws the error itself, where it is trouble: another attempt may do better
 */
export function refusal(error: CountersignError): { state: 'refused'; code: ErrorCode; reason: string } {
  if (isTrouble(error)) throw error;
  return { state: 'refused', code: error.code, reason: error.message };
}

/** Whether the system failed, rather than what was asked of it. */
export function isTrouble({ status }: CountersignError): boolean {
  return status >= 500;
}
