/** An evaluation as a document: which writers are tested, with which pairs, on which view of their pictures. */
import { z } from 'zod';

const pairCounts = { genuineGenuine: z.int().min(1), genuineForged: z.int().min(1) };

export const protocolSchema = z
  .strictObject({
    schema: z.literal('countersign/protocol@1'),
    name: z
      .string()
      .regex(/^[\w.@-]+(\/[\w.@-]+)*$/)
      .describe('what reports and model files call it; begins with the data set where there is one: cedar/my-split'),
    title: z.string().min(1).describe('in words'),
    dataset: z.string().min(1).optional().describe('the data set that the writers are of; without it, any'),
    testWriters: z
      .discriminatedUnion('select', [
        z.strictObject({
          select: z.literal('list'),
          writers: z.array(z.union([z.int().min(0), z.string().min(1)])).min(1),
        }),
        z.strictObject({
          select: z.literal('random'),
          count: z.int().min(1).describe('writers to draw'),
          from: z
            .int()
            .min(1)
            .describe(
              'writers that the set must offer: with two genuine signatures and, where the set has any, forgeries; among others the same seed would draw others',
            ),
          seed: z.int().min(0),
        }),
        z.strictObject({ select: z.literal('all') }),
      ])
      .describe('nothing may be learnt from these; all others of the set are for training and validation'),
    pairs: z
      .strictObject(pairCounts)
      .optional()
      .describe('how many pairs all test writers together give; another number is an error'),
    samplePerWriter: z
      .strictObject({ genuine: z.int().min(1), forged: z.int().min(1) })
      .optional()
      .describe('pairs drawn per writer, where not all are taken'),
    input: z
      .enum(['as-prepared', 'shape-only'])
      .default('as-prepared')
      .describe('as-prepared: what the model asks for; shape-only: strokes thinned and drawn again by one pen first'),
    references: z
      .strictObject({
        counts: z.array(z.int().min(1).max(100)).min(1).default([1, 3, 5, 10]).describe('sizes of the reference sets'),
        draws: z.int().min(1).max(1000).default(10).describe('times that the references are drawn anew'),
      })
      .prefault({}),
    source: z.string().min(1).describe('who published the list'),
  })
  .refine(({ name, dataset }) => dataset === undefined || name.startsWith(`${dataset}/`), {
    message: 'begins with another data set than "dataset"',
    path: ['name'],
  });

/** Resolved, every default filled in. */
export type Protocol = z.output<typeof protocolSchema>;
