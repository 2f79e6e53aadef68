/** Days and instants on the command line. */
import { CountersignError } from '../core/errors.js';
import { parseInstant } from '../core/parse-instant.js';

/** Reads `2026-01-31`, the beginning of that day in UTC, or an instant with its offset. */
export function parseInstantFlag(flag: string): (text: string) => Date {
  return (text) => {
    const instant = parseInstant(text);
    if (instant !== undefined) return instant;
    throw new CountersignError('INVALID_ARGUMENT', `${flag}: expected a date like 2026-01-31; "${text}" came.`);
  };
}

/** `2026-01-31`; `-` for none. */
export const formatDay = (instant: Date | null) => instant?.toISOString().slice(0, 10) ?? '-';
