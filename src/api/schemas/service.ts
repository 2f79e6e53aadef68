/** The service itself. */
import { z } from 'zod';
import { ROLES } from '../operations.js';
import { instant } from './common.js';
import { file, type OperationSchemas } from './operation-schemas.js';

export const serviceSchemas = {
  health: { answer: z.object({ status: z.literal('ok'), version: z.string() }) },
  ready: { answer: z.object({ status: z.literal('ready'), modelId: z.string() }) },
  metrics: { answer: file('figures in the text format of Prometheus', 'text/plain') },
  document: { answer: z.record(z.string(), z.unknown()).describe('OpenAPI 3.1') },
  me: {
    answer: z.object({
      id: z.string().describe('of the key'),
      name: z.string().nullable(),
      actor: z.string().describe('as the audit log has it'),
      roles: z.array(z.enum(ROLES)),
      expiresAt: instant.nullable(),
    }),
  },
} as const satisfies Record<string, OperationSchemas>;
