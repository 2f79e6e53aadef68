/** What came, held against a schema. */
import type { z } from 'zod';
import { CountersignError } from '../core/errors.js';

const MOST_ISSUES = 10;

/**
 * @param place - `path`, `query` or `body`, for the message
 * @throws CountersignError REQUEST_INVALID that names each value that does not fit, and says none of them
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, place: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MOST_ISSUES).map(({ path, message }) => {
    const where = [place, ...path.map(String)].join('.');
    return `${where}: ${message}`;
  });
  throw new CountersignError('REQUEST_INVALID', `${issues.join('; ')}.`, { details: { issues } });
}
