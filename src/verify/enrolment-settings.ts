/** What an operator sets for all writers of a store. */
import { z } from 'zod';

export const enrolmentSettingsSchema = z.strictObject({
  minimumReferences: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe('references without a doubt that a writer needs before signatures are decided on'),
  ageingDays: z
    .int()
    .min(0)
    .max(36_500)
    .default(1825)
    .describe('a reference older than this no longer counts to the minimum; 0 for never'),
  sealEmbeddings: z
    .boolean()
    .default(false)
    .describe(
      'encrypt embeddings as images are, those that are there too; identification then compares with all writers',
    ),
});

export type EnrolmentSettings = z.infer<typeof enrolmentSettingsSchema>;
