/** What bulk work is asked to do, by its kind. */
import { z } from 'zod';

const model = z.string().min(1).max(1000);

export const reembedParameters = z.strictObject({
  model: model.describe('the new one: a name of the package, or a file that every worker has'),
  keep: z.boolean().default(false).describe('keep the embeddings of the old model'),
});

export const evaluateParameters = z.strictObject({
  data: z
    .string()
    .min(1)
    .max(1000)
    .refine((path) => !path.startsWith('/') && !path.split(/[/\\]/).includes('..'), {
      message: 'expected a path below the data folder of the workers, without `..`',
    })
    .describe('the data set: a folder or a manifest, below the data folder of the workers'),
  layout: z.string().max(100).optional().describe('where it is not recognised'),
  protocol: z.string().max(200).optional().describe('which writers are tested, `bhsig260-hindi/published`'),
  threshold: z.number().min(0).max(2).optional().describe("accept up to this distance, instead of the model's"),
  seed: z.int().min(0).default(1).describe('of random forgeries, reference draws and bootstrap'),
  probe: z.boolean().default(true).describe('measure what paper and pen give away as well'),
  model: model.optional().describe('a name of the package, or a file that every worker has; else that of the worker'),
});

/** By the kind of the job. */
export const JOB_PARAMETERS = {
  verify: z.strictObject({}),
  enrol: z.strictObject({}),
  reembed: reembedParameters,
  evaluate: evaluateParameters,
} as const;
