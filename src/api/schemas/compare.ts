/** Two or more images, nothing stored. */
import { z } from 'zod';
import { decision, evidence, image, imageProblem, imageQuality } from './common.js';
import { file, type OperationSchemas } from './operation-schemas.js';

export const verificationResult = z
  .object({
    decision,
    reason: z.string().describe('the decision in words'),
    ...evidence,
    threshold: z.number().describe('accepted up to this distance'),
    rejectAbove: z.number().describe('review between `threshold` and this'),
    thresholdSource: z.string(),
    perReference: z.array(
      z.object({
        reference: z.string().describe('position, as #1'),
        distance: z.number().nullable(),
        quality: imageQuality.nullable(),
        problem: imageProblem.optional(),
      }),
    ),
    referenceCount: z.int().describe('references that show a signature'),
    modelId: z.string(),
    quality: imageQuality.nullable().describe('of the questioned image'),
    timingMs: z.object({ preprocess: z.number().nullable(), embed: z.number().nullable(), total: z.number() }),
  })
  .meta({ id: 'VerificationResult' });

const rate = z.number().gt(0).lt(1);

/** Where to cut, in place of the model's own threshold. */
const cut = {
  threshold: z.number().min(0).max(2).optional().describe("accept up to this distance instead of the model's"),
  far: rate.optional().describe('accept so that no more than this share of forgeries is'),
  frr: rate.optional().describe('reject so that no more than this share of genuine signatures is'),
  forgeries: z.enum(['skilled', 'random']).default('skilled').describe('of which `far` speaks'),
};

export const compareSchemas = {
  compare: {
    body: z.strictObject({
      references: z.array(image('A genuine signature of the writer')).min(1).describe('genuine ones of one writer'),
      questioned: image('The signature in question'),
      ...cut,
    }),
    answer: verificationResult,
  },
  embed: {
    body: z.strictObject({ image: image('A signature') }),
    answer: z.object({
      embedding: z.array(z.number()).describe('distances are Euclidean'),
      quality: imageQuality,
      modelId: z.string(),
    }),
  },
  clean: {
    body: z.strictObject({ image: image('A signature') }),
    answer: file('what the network sees of it, ink black on white', 'image/png'),
  },
} as const satisfies Record<string, OperationSchemas>;
