/**
 * What has to be known of an embedding network of others to feed it and to compare what it gives: one JSON document, so
 * that the .onnx file stays as it is.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { parseJson } from '../core/parse-json.js';

export const DISTANCE_NAMES = ['euclidean', 'squared-euclidean', 'cosine', 'manhattan'] as const;
export type DistanceName = (typeof DISTANCE_NAMES)[number];

const side = z.int().min(1).max(4096);
const perChannel = z.array(z.number()).min(1).max(3);

export const adapterSchema = z.strictObject({
  schema: z.literal('countersign/adapter@1').describe('this format'),
  input: z
    .strictObject({
      name: z.string().min(1).optional().describe('of the input tensor; the default is the only one'),
      layout: z.enum(['NCHW', 'NHWC']).default('NCHW').describe('order of its axes'),
      batch: z
        .int()
        .min(1)
        .max(64)
        .optional()
        .describe('images at a time; the default is any number, unless the model fixes it'),
      height: side.optional().describe('in px; the default is that of the model, where it is fixed'),
      width: side.optional().describe('in px; the default is that of the model, where it is fixed'),
      channels: z
        .union([z.literal(1), z.literal(3)])
        .optional()
        .describe('3: the same grey three times; the default is that of the model, where it is fixed'),
      range: z
        .tuple([z.number(), z.number()])
        .refine(([black, white]) => black !== white, 'black and white must differ')
        .default([0, 1])
        .describe('what black and white become: [0, 1], [0, 255], [-1, 1]'),
      mean: perChannel.optional().describe('of each channel, taken away after `range`'),
      std: z.array(z.number().positive()).min(1).max(3).optional().describe('of each channel, divided by after `mean`'),
      ink: z
        .enum(['dark', 'light'])
        .default('dark')
        .describe('dark: black ink on white paper, as in the file; light: the negative of it'),
    })
    .prefault({}),
  picture: z
    .strictObject({
      feed: z
        .enum(['raw', 'prepared'])
        .default('raw')
        .describe("raw: the file's own picture in grey, paper and all; prepared: ink on clean paper, cropped to it"),
      resize: z
        .enum(['stretch', 'fit'])
        .default('stretch')
        .describe('of a raw picture; fit keeps the aspect and fills up with white, as is done with a prepared one'),
      marginPx: z.int().min(0).max(64).default(0).describe('white kept free on every side, in px'),
    })
    .prefault({}),
  output: z
    .strictObject({
      name: z.string().min(1).optional().describe('of the output tensor; the default is the only one'),
      normalise: z.boolean().default(false).describe('give every embedding the Euclidean norm 1 first'),
    })
    .prefault({}),
  distance: z.enum(DISTANCE_NAMES).default('euclidean').describe('of two embeddings; cosine is 1 - cos'),
});

/** Resolved, every default filled in. */
export type Adapter = z.output<typeof adapterSchema>;

/** @throws CountersignError ADAPTER_INVALID naming every field that does not fit */
export async function readAdapter(file: string): Promise<Adapter> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new CountersignError('ADAPTER_INVALID', `Expected to read ${file}, but ${cause.code} came.`, { cause });
  });
  const json = parseJson(text);
  if (json === undefined) throw invalidAdapter(`${file} is not JSON`);
  const parsed = adapterSchema.safeParse(json);
  if (!parsed.success) throw invalidAdapter(`${file} does not fit: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

export function invalidAdapter(reason: string, details?: Readonly<Record<string, unknown>>): CountersignError {
  return new CountersignError('ADAPTER_INVALID', `Not an adapter for this model: ${reason}.`, {
    ...(details && { details }),
  });
}
