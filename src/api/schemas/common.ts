/** Parts that many operations have in common. */
import { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode } from '../../core/errors.js';
import { parseInstant } from '../../core/parse-instant.js';

/** An image in a request: as the client takes it. In JSON it travels as base64, in a form as a file. */
export type ImageInput = string | Uint8Array | Blob;

const DATA_URL = /^data:[\w.+/-]*(?:;[\w=.-]+)*;base64,/;

/** @returns undefined for what is not base64; a data: URL is taken too */
function bytesOf(image: string): Uint8Array | undefined {
  const text = image.startsWith('data:') ? image.replace(DATA_URL, '') : image;
  const bytes = Buffer.from(text, 'base64'); // leaves out what does not belong there, so the length tells
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return bytes.length > 0 && bytes.length === Math.floor(((text.length - padding) * 3) / 4) ? bytes : undefined;
}

/** An image file: PNG, JPEG, WebP, TIFF or GIF. @param holds - what it shows */
export function image(holds: string) {
  return z
    .custom<ImageInput>((value) => typeof value === 'string' || value instanceof Uint8Array)
    .transform((value, context): Uint8Array => {
      const bytes = typeof value === 'string' ? bytesOf(value) : value;
      if (bytes instanceof Uint8Array) return bytes;
      context.addIssue({ code: 'custom', message: 'expected an image as base64, or as a file of a form' });
      return z.NEVER;
    })
    .meta({
      type: 'string',
      contentEncoding: 'base64',
      description: `${holds}: PNG, JPEG, WebP, TIFF or GIF; base64, a data: URL too, or a file of a form`,
    });
}

/** An instant in an answer. */
export const instant = z.iso.datetime().meta({ description: 'ISO 8601, UTC', example: '2026-03-29T12:00:00.000Z' });

/** A day or an instant in a request. */
export const instantInput = z
  .string()
  .transform((text, context): Date => {
    const parsed = parseInstant(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: 'expected a date like 2026-01-31' });
    return z.NEVER;
  })
  .meta({
    type: 'string',
    description: 'a day like 2026-01-31, its beginning in UTC, or an instant with its offset',
    examples: ['2026-01-31', '2026-01-31T12:00:00+01:00'],
  });

/** Words that a person writes: a line, and no character that does not show. */
export const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}+$/u, 'expected text on one line');

export const uuid = z.uuid();

/** An operator's own number for a writer. */
export const writerNumber = line(200).meta({ description: 'your own number for the writer', example: '4711' });

/** Yes or no in a query. */
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value) => String(value) === 'true')
  .meta({ type: 'boolean' });

/** Query of a list. */
export const listQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('items of a page'),
  cursor: z.string().min(1).max(500).optional().describe('`nextCursor` of the page before'),
};

export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('of the next page; null at the end'),
  });
}

const errorCode = z.enum(Object.keys(ERROR_CATALOGUE) as [ErrorCode, ...ErrorCode[]]);

/** RFC 9457: every answer that says no. */
export const problemDocument = z
  .object({
    type: z.string().describe('where the code is explained'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('what was expected and what came'),
    code: errorCode,
    hint: z.string().describe('what to do'),
    details: z.record(z.string(), z.unknown()).optional().describe('facts for programs'),
    requestId: z.string().describe('under which the log has it'),
  })
  .meta({ id: 'Problem' });

/** Why an image shows no signature. */
export const imageProblem = z
  .object({ code: errorCode, message: z.string(), hint: z.string() })
  .meta({ id: 'ImageProblem' });

export const decision = z.enum(['accept', 'review', 'reject', 'inconclusive']).meta({
  id: 'Decision',
  description: 'review: for a person to decide; inconclusive: the images do not allow a decision',
});

export const imageQuality = z
  .object({
    widthPx: z.number(),
    heightPx: z.number(),
    inkWidthPx: z.number(),
    inkHeightPx: z.number(),
    inkShare: z.number(),
    strokeWidthPx: z.number(),
    contrast: z.number(),
    inverted: z.boolean(),
    warnings: z.array(z.string()).describe('what may make a decision less sure'),
  })
  .meta({ id: 'ImageQuality' });

/** Beside the four results that people and networks say: a distance, its evidence and where it was cut. */
export const evidence = {
  distance: z.number().nullable().describe('Euclidean, fused over the references; smaller is closer'),
  logLikelihoodRatio: z.number().nullable().describe('log10, genuine against skilled forgery'),
  similarity: z.number().nullable().describe('0 to 100, were genuine and forged equally likely'),
};
