/** The audit log. */
import { z } from 'zod';
import { instant, listOf, listQuery } from './common.js';
import type { OperationSchemas } from './operation-schemas.js';

const auditRow = z
  .object({
    seq: z.int(),
    at: instant,
    actor: z.string(),
    action: z.string(),
    subjectIds: z.array(z.string()).describe('of writers, references, decisions, cases, jobs, keys'),
    imageHashes: z.array(z.string()).describe('SHA-256'),
    modelId: z.string().nullable(),
    policy: z.string().nullable().describe('name and version'),
    threshold: z.number().nullable(),
    result: z.string().nullable(),
    details: z.string().describe('JSON, as it was hashed'),
    previousHash: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditRow' });

export const auditSchemas = {
  listAudit: {
    query: z.object({
      order: z
        .enum(['newest', 'oldest'])
        .default('newest')
        .describe('oldest: as they were written, for whoever follows the log'),
      after: z.coerce.number().int().min(0).optional().describe('only rows behind this number'),
      action: z
        .string()
        .regex(/^[a-z.-]{1,60}$/)
        .optional()
        .meta({ example: 'writer.enrolled' }),
      subject: z
        .string()
        .regex(/^[0-9a-f-]{1,36}$/)
        .optional()
        .describe('id of a writer, reference, decision, case, job or key'),
      ...listQuery,
    }),
    answer: listOf(auditRow),
  },
  verifyAudit: {
    answer: z.discriminatedUnion('valid', [
      z.object({ valid: z.literal(true), rows: z.int() }),
      z.object({
        valid: z.literal(false),
        seq: z.int().describe('the first row that is not as it was written; 0 is the head'),
        problem: z.string(),
      }),
    ]),
  },
} as const satisfies Record<string, OperationSchemas>;
