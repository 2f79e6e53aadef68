/** Decisions on signatures of enrolled writers, and whose signature one may be. */
import { z } from 'zod';
import { amountSchema, currencySchema } from '../../policy/money.js';
import { decision, evidence, image, imageProblem, instant, uuid, writerNumber } from './common.js';
import { others, together } from './form-fields.js';
import type { OperationSchemas } from './operation-schemas.js';
import { policyName } from './policies.js';
import { caseState, caseVerdict, decidedDocument } from './review.js';

const reasons = z.array(z.string()).describe('in words, the decisive one first');
const policy = z.object({ name: z.string(), version: z.int() }).nullable();
const money = z
  .object({ amount: z.string().describe('decimal'), currency: z.string() })
  .nullable()
  .describe('what was at stake');
const thresholds = {
  acceptUpTo: z.number().describe('accepted up to this distance'),
  rejectAbove: z.number().describe('rejected above it, review between'),
};
const distances = z.record(z.string(), z.number()).describe('to each reference, by its id');

const signatureDecision = z
  .object({
    decisionId: uuid,
    caseId: uuid.nullable().describe('of the case that was opened for a person'),
    writer: writerNumber,
    writerId: uuid,
    decision,
    reasons,
    ...evidence,
    thresholds: z
      .object({ ...thresholds, source: z.string().describe('in words') })
      .nullable()
      .describe('null where nothing was held against one'),
    distances,
  })
  .meta({ id: 'SignatureDecision' });

const documentDecision = z
  .object({
    decision: decision.describe('on the document: by the mandate, where the policy has one'),
    reasons,
    mandateDecisionId: uuid.nullable(),
    signatures: z.array(signatureDecision).describe('in the order of what came'),
    policy,
    money,
    modelId: z.string(),
    timingMs: z.number(),
  })
  .meta({ id: 'DocumentDecision' });

export const pastDecision = z
  .object({
    decisionId: uuid,
    writer: writerNumber,
    writerId: uuid,
    decision: decision.describe('what the network said; what people say is in `review`'),
    reasons,
    distance: evidence.distance,
    logLikelihoodRatio: evidence.logLikelihoodRatio,
    thresholds: z.object(thresholds).nullable(),
    distances,
    imageHash: z.string().describe('SHA-256 of the questioned file'),
    modelId: z.string(),
    policy,
    money,
    actor: z.string(),
    createdAt: instant,
    document: decidedDocument.nullable().describe('what was said of the whole document; null without a mandate'),
    review: z
      .object({ caseId: uuid, state: caseState, outcome: caseVerdict.nullable(), decidedAt: instant.nullable() })
      .nullable()
      .describe('null where no case was opened'),
  })
  .meta({ id: 'PastDecision' });

const candidate = z
  .object({
    writer: writerNumber,
    writerId: uuid,
    distance: z.number(),
    logLikelihoodRatio: z.number().nullable(),
    similarity: z.number(),
    referenceCount: z.int(),
    withinThreshold: z.boolean().describe("whether the model's own threshold accepts it"),
  })
  .meta({ id: 'Candidate' });

/** What decides. */
const ground = {
  policy: policyName.optional().describe("its active version decides; without it, the model's own threshold"),
  amount: amountSchema.optional(),
  currency: currencySchema.optional(),
};

export const decisionSchemas = {
  decide: {
    body: z
      .strictObject({
        signatures: z
          .array(z.strictObject({ writer: writerNumber, image: image('The questioned signature') }))
          .min(1)
          .describe('on one document, each of another writer'),
        ...ground,
      })
      .refine(({ amount, currency }) => (amount === undefined) === (currency === undefined), {
        message: 'expected amount and currency, or neither',
      }),
    fromForm: (fields) => ({
      ...others(fields, ['writer', 'image']),
      signatures: together(fields, ['writer', 'image']),
    }),
    form: z.strictObject({
      writer: z.array(writerNumber).describe('of each signature on the document'),
      image: z.array(image('The questioned signature')).describe('a file each, in the order of the writers'),
      ...ground,
    }),
    once: true,
    answer: documentDecision,
  },
  getDecision: { params: z.object({ decision: uuid }), answer: pastDecision },
  identify: {
    body: z.strictObject({
      image: image('A signature'),
      limit: z.int().min(1).max(100).default(5).describe('writers to name'),
      exact: z.boolean().default(false).describe('compare with all writers, though there is an index'),
    }),
    answer: z
      .object({
        candidates: z.array(candidate).describe('the nearest first; none where no writer is ready'),
        problem: imageProblem.nullable(),
        modelId: z.string(),
        timingMs: z.number(),
      })
      .meta({ id: 'Identification' }),
  },
} as const satisfies Record<string, OperationSchemas>;
