/** Keys of the service. The audit log is in `audit.ts`. */
import { z } from 'zod';
import { ROLES } from '../operations.js';
import { instant, instantInput } from './common.js';
import type { OperationSchemas } from './operation-schemas.js';

export const keyIdSchema = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'expected 16 hexadecimal digits')
  .describe('of a key');

/** What a key may be called: who acts with it, in the audit log. */
export const keyNameSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@+-]*$/u, 'expected letters, digits, spaces and . _ @ + -')
  .describe('who acts with it, in the audit log');

export const rolesSchema = z.array(z.enum(ROLES)).min(1).describe('what it may do; admin may do all');

/** A week at most. */
export const graceSchema = z
  .number()
  .min(0)
  .max(168)
  .default(24)
  .describe('hours that the secret from before holds on, so that callers can change over');

const apiKey = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    roles: z.array(z.string()),
    createdAt: instant,
    createdBy: z.string(),
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable().describe('to the minute'),
    previousUntil: instant.nullable().describe('until when the secret before the last rotation holds'),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'ApiKey' });

const issuedKey = apiKey
  .extend({ key: z.string().describe('the whole key, told this once') })
  .meta({ id: 'IssuedKey' });

const params = z.strictObject({ key: keyIdSchema });

export const administrationSchemas = {
  listKeys: { answer: z.object({ items: z.array(apiKey) }) },
  createKey: {
    body: z.strictObject({
      name: keyNameSchema.nullable().default(null),
      roles: rolesSchema,
      expiresAt: instantInput.nullable().default(null),
    }),
    status: 201,
    answer: issuedKey,
  },
  rotateKey: { params, body: z.strictObject({ graceHours: graceSchema }), answer: issuedKey },
  revokeKey: { params, answer: apiKey },
} as const satisfies Record<string, OperationSchemas>;
