/** Policies, and the settings of enrolment. */
import { z } from 'zod';
import { policySchema } from '../../policy/document.js';
import { enrolmentSettingsSchema } from '../../verify/enrolment-settings.js';
import { instant, instantInput, listOf, listQuery } from './common.js';
import type { OperationSchemas } from './operation-schemas.js';

export const policyName = policySchema.shape.name;

const policyVersion = z
  .object({
    name: policyName,
    version: z.int(),
    document: policySchema.describe('its mandate names signers by your numbers; `erased …` stands for those who were'),
    createdAt: instant,
    createdBy: z.string(),
    activeFrom: instant.nullable().describe('null where it was never activated'),
    activeTo: instant.nullable().describe('null where no end is set'),
  })
  .meta({ id: 'PolicyVersion' });

/** What is named is changed, and nothing else: no defaults. */
const { minimumReferences, ageingDays, sealEmbeddings } = enrolmentSettingsSchema.shape;
const settingsChanges = z
  .strictObject({
    minimumReferences: minimumReferences.unwrap().exactOptional(),
    ageingDays: ageingDays.unwrap().exactOptional(),
    sealEmbeddings: sealEmbeddings.unwrap().exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, { message: 'expected a setting to change' });

export const policySchemas = {
  listPolicies: {
    query: z.object({ name: policyName.optional().describe('only versions of this policy'), ...listQuery }),
    answer: listOf(policyVersion),
  },
  addPolicy: { body: policySchema, status: 201, answer: policyVersion },
  validatePolicy: {
    body: policySchema,
    answer: z.object({
      document: policySchema.describe('with its defaults'),
      modelId: z.string().describe('of the model that can keep it'),
    }),
  },
  activatePolicy: {
    params: z.object({ policy: policyName, version: z.coerce.number().pipe(z.int32().min(1)) }),
    body: z.strictObject({ from: instantInput.optional().describe('an instant to come; without it, now') }),
    answer: policyVersion.extend({
      notToCome: z.array(z.int()).describe('versions that were to hold from then or later, and no longer are'),
    }),
  },
  getEnrolmentSettings: { answer: enrolmentSettingsSchema },
  changeEnrolmentSettings: {
    body: settingsChanges,
    answer: z.object({
      settings: enrolmentSettingsSchema,
      statesChanged: z.int().describe('writers that are in another state now'),
      embeddingsChanged: z.int().describe('embeddings that were there, and were sealed or opened now'),
      compactionDue: z
        .boolean()
        .describe('whether files of the database hold embeddings as they were until `countersign db compact`'),
    }),
  },
} as const satisfies Record<string, OperationSchemas>;
