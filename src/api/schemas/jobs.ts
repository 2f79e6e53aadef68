/** Bulk work. */
import { z } from 'zod';
import { amountSchema, currencySchema } from '../../policy/money.js';
import { image, instant, instantInput, line, listOf, listQuery, uuid, writerNumber } from './common.js';
import { others, together } from './form-fields.js';
import { JOB_PARAMETERS } from './job-parameters.js';
import { file, type OperationSchemas } from './operation-schemas.js';
import { policyName } from './policies.js';

const kind = z.enum(['verify', 'enrol', 'reembed', 'evaluate']).meta({
  id: 'JobKind',
  description: 'verify and enrol take items; reembed and evaluate are one piece of work, and for admins',
});
const state = z.enum(['collecting', 'queued', 'running', 'done', 'failed', 'cancelled']).meta({
  id: 'JobState',
  description: 'failed: some of it met trouble of the system and can be tried again',
});

const count = z.int().min(0);

const job = z
  .object({
    id: uuid,
    kind,
    state,
    title: z.string().nullable(),
    actor: z.string(),
    parameters: z.record(z.string(), z.unknown()),
    createdAt: instant,
    startedAt: instant.nullable().describe('when a worker first took something of it; anew after a retry'),
    finishedAt: instant.nullable(),
    progress: z.object({
      done: count,
      total: count,
      perSecond: z.number().nullable().describe('of the last half minute'),
      secondsLeft: z.number().nullable().describe('at this speed'),
    }),
    items: z
      .object({ waiting: count, settled: count, refused: count, failed: count, cancelled: count })
      .nullable()
      .describe('by what became of them; null for a job without items'),
    results: z
      .record(z.string(), z.number())
      .describe('settled items by their result (accept, enrolled, ...), or the figures of a job without items'),
    unkeptPolicies: z
      .array(z.object({ name: policyName, version: count, reason: z.string() }))
      .describe('of reembed: policies whose rates the new model cannot keep; by it they decide nothing'),
    problem: z.object({ code: z.string(), reason: z.string() }).nullable().describe('why a job without items failed'),
  })
  .meta({ id: 'Job' });

const PARTS = ['writer', 'image', 'label', 'policy', 'amount', 'currency', 'name', 'capturedAt', 'expiresAt'] as const;

const item = z
  .strictObject({
    writer: writerNumber,
    image: image('A signature'),
    label: line(500).optional().describe('what you call it: a file, the number of a document'),
    policy: policyName.optional().describe('of verify: its active version decides'),
    amount: amountSchema.optional(),
    currency: currencySchema.optional(),
    name: line(200).optional().describe('of enrol: of a writer who is not there yet'),
    capturedAt: instantInput.optional().describe('of enrol: when it was written'),
    expiresAt: instantInput.optional().describe('of enrol: the enrolment of a new writer is stale from then on'),
  })
  .refine(({ amount, currency }) => (amount === undefined) === (currency === undefined), {
    message: 'expected amount and currency, or neither',
  });

const ofJob = z.object({ job: uuid });

export const jobSchemas = {
  listJobs: { query: z.object({ state: state.optional(), ...listQuery }), answer: listOf(job) },
  createJob: {
    body: z
      .strictObject({
        kind,
        title: line(200).optional().describe('what you call it'),
        parameters: z
          .looseObject({})
          .default({})
          .describe(
            'of reembed: model, keep; of evaluate: data, layout, protocol, threshold, seed, probe, model. Models are named as the package does: default, careful, small, float, synthetic',
          ),
      })
      .superRefine(({ kind, parameters }, context) => {
        for (const issue of JOB_PARAMETERS[kind].safeParse(parameters).error?.issues ?? []) {
          context.addIssue({ code: 'custom', path: ['parameters', ...issue.path], message: issue.message });
        }
      }),
    once: true,
    status: 201,
    answer: job,
  },
  addJobItems: {
    params: ofJob,
    body: z.strictObject({ items: z.array(item).min(1) }),
    fromForm: (fields) => ({ ...others(fields, PARTS), items: together(fields, PARTS) }),
    form: z.strictObject({
      writer: z.array(writerNumber).describe('of each item'),
      image: z.array(image('A signature')).describe('a file each, in the order of the writers'),
      label: z.array(z.string()).optional().describe('these and those below for each item, or for none'),
      policy: z.array(policyName).optional(),
      amount: z.array(amountSchema).optional(),
      currency: z.array(currencySchema).optional(),
      name: z.array(z.string()).optional(),
      capturedAt: z.array(instantInput).optional(),
      expiresAt: z.array(instantInput).optional(),
    }),
    once: true,
    status: 201,
    answer: z.object({ from: z.int(), to: z.int() }).describe('their places, both ends included'),
  },
  startJob: { params: ofJob, once: true, answer: job },
  getJob: { params: ofJob, answer: job },
  cancelJob: { params: ofJob, answer: job },
  retryJob: { params: ofJob, once: true, answer: job },
  jobResults: {
    params: ofJob,
    query: z.object({
      format: z
        .enum(['csv', 'ndjson', 'json', 'html'])
        .default('csv')
        .describe('csv, ndjson: an item a line, those so far; json, html: the report of an evaluation'),
    }),
    answer: file(
      'what came of each item, or the report of an evaluation',
      ...['text/csv', 'application/x-ndjson', 'application/json', 'text/html'],
    ),
  },
} as const satisfies Record<string, OperationSchemas>;
