/** What came, held against a schema. */
import type { z } from 'zod';
import { CountersignError } from '../core/errors.js';

const MOST_ISSUES = 10;
/** Of an issue, in characters: it may name keys that came. */
const LONGEST_ISSUE = 300;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * @param place - `path`, `query` or `body`, for the message
 * @throws CountersignError REQUEST_INVALID that names each value that does not fit, and says none of them
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, place: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    const where = notText(parsed.data, place);
    if (where === undefined) return parsed.data;
    throw new CountersignError('REQUEST_INVALID', `${where}: expected Unicode text without the character NUL.`);
  }
  const issues = parsed.error.issues.slice(0, MOST_ISSUES).map(({ path, message }) => {
    const where = [place, ...path.map(String)].join('.');
    return `${where}: ${message}`.slice(0, LONGEST_ISSUE);
  });
  throw new CountersignError('REQUEST_INVALID', `${issues.join('; ')}.`, { details: { issues } });
}

/** Where there is text that no database holds. */
function notText(value: unknown, place: string): string | undefined {
  if (typeof value === 'string') return value.includes('\0') || LONE_SURROGATE.test(value) ? place : undefined;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = notText(inner, `${place}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
