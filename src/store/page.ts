/**
 * Lists in pages. A page begins behind the last item of the page before, by the values that order the list: what is added
 * or removed meanwhile makes no item come twice, and none that is there all along be missed.
 */
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { parseInstant } from '../core/parse-instant.js';
import { parseJson } from '../core/parse-json.js';

export interface PageRequest {
  /** Items of a page, 1 or more. */
  readonly limit: number;
  /** `nextCursor` of the page before; without it the first page. */
  readonly cursor?: string | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null where this is the last page. */
  readonly nextCursor: string | null;
}

/** Lists in the order of an instant, and of the id where instants are equal. */
export const INSTANT_AND_ID = z.tuple([z.string().refine((text) => parseInstant(text) !== undefined), z.uuid()]);

/**
 * The values that order the last item of the page before.
 *
 * @returns undefined without a cursor
 * @throws CountersignError INVALID_ARGUMENT for a cursor of another list, or of none
 */
export function readCursor<Values extends readonly unknown[]>(
  cursor: string | undefined,
  values: z.ZodType<Values>,
): Values | undefined {
  if (cursor === undefined) return undefined;
  const parsed = values.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (parsed.success) return parsed.data;
  throw new CountersignError('INVALID_ARGUMENT', `Expected the nextCursor of a page of this list; "${cursor}" came.`);
}

/**
 * @param rows - one more than the page holds, where there is a next one
 * @param valuesOf - what orders a row, as `readCursor` gives it back
 */
export function pageOf<Row>(
  rows: readonly Row[],
  { limit }: PageRequest,
  valuesOf: (row: Row) => readonly unknown[],
): Page<Row> {
  const items = rows.slice(0, limit);
  const isLast = rows.length <= limit;
  return { items, nextCursor: isLast ? null : writeCursor(valuesOf(items.at(-1)!)) };
}

const writeCursor = (values: readonly unknown[]) => Buffer.from(JSON.stringify(values)).toString('base64url');
