/** Cases for people. */
import { z } from 'zod';
import { decision, evidence, instant, listOf, listQuery, uuid, writerNumber } from './common.js';
import { file, type OperationSchemas } from './operation-schemas.js';

export const caseState = z
  .enum(['open', 'claimed', 'decided', 'released'])
  .meta({ id: 'CaseState', description: 'open again where a claim has run out' });
export const caseVerdict = z.enum(['genuine', 'forged', 'inconclusive']).meta({ id: 'CaseVerdict' });

export const decidedDocument = z
  .object({
    mandateDecisionId: uuid,
    decision: decision.describe("what the network's answers on its signatures come to"),
    reasons: z.array(z.string()),
    reviewed: z
      .object({ decision: decision.exclude(['review']), reasons: z.array(z.string()), at: instant })
      .nullable()
      .describe('what it is since people have decided; null until they have on all of its cases'),
  })
  .meta({ id: 'DecidedDocument', description: 'a document that several may have signed' });

const reviewCase = z
  .object({
    id: uuid,
    state: caseState,
    writerId: uuid,
    writer: writerNumber,
    claimedBy: z.string().nullable(),
    claimExpiresAt: instant.nullable(),
    twoPerson: z.boolean().describe('two people must come to one verdict'),
    createdAt: instant,
    decidedAt: instant.nullable(),
    network: z
      .object({
        decisionId: uuid,
        result: decision,
        reasons: z.array(z.string()),
        distance: evidence.distance,
        acceptUpTo: z.number().nullable().describe('accepted up to this distance'),
        rejectAbove: z.number().nullable().describe('rejected above it'),
        logLikelihoodRatio: evidence.logLikelihoodRatio,
        imageHash: z.string(),
        modelId: z.string(),
        policy: z.string().nullable().describe('name and version'),
        amount: z.string().nullable(),
        currency: z.string().nullable(),
      })
      .describe('what the network said'),
    document: decidedDocument.nullable().describe('that the signature is on; null without a mandate'),
    verdicts: z
      .array(z.object({ actor: z.string(), verdict: caseVerdict, reason: z.string(), at: instant }))
      .describe('what people said, in their order'),
    outcome: caseVerdict.nullable().describe('null until it is decided'),
  })
  .meta({ id: 'ReviewCase' });

const ofCase = z.object({ case: uuid });

export const reviewSchemas = {
  listCases: {
    query: z.object({
      state: caseState.optional().describe('only these; without it all that wait for a person'),
      ...listQuery,
    }),
    answer: listOf(reviewCase),
  },
  getCase: { params: ofCase, answer: reviewCase },
  caseImage: {
    params: ofCase,
    answer: file(
      'the questioned file as it came; that it was read is put on record',
      ...['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/gif'],
    ),
  },
  claimCase: {
    body: z.strictObject({
      case: uuid.optional().describe('without it the oldest that this person may take'),
      minutes: z.int().min(1).max(1440).optional().describe('how long; without it as the service is set up'),
    }),
    answer: reviewCase,
  },
  decideCase: {
    params: ofCase,
    body: z.strictObject({ verdict: caseVerdict, reason: z.string().min(1).max(2000).describe('why, in words') }),
    once: true,
    answer: reviewCase,
  },
  releaseCase: { params: ofCase, answer: reviewCase },
} as const satisfies Record<string, OperationSchemas>;
