/** What decisions rest on: the models and their error rates. */
import { z } from 'zod';
import type { OperationSchemas } from './operation-schemas.js';

const params = z.strictObject({
  model: z
    .string()
    .min(1)
    .max(200)
    .describe('id, or a name in the package: default, careful, small, float or synthetic'),
});
const threshold = z.object({ value: z.number(), source: z.string() }).describe('for one reference');

const listedModel = z
  .object({
    id: z.string(),
    names: z.array(z.string()).describe('what the package calls it'),
    running: z.boolean().describe('whether this service runs it'),
    active: z.boolean().describe('whether enrolment and decisions of the store use it'),
    dimension: z.int().describe('numbers of an embedding'),
    facts: z
      .object({
        threshold,
        training: z.object({ datasets: z.array(z.string()), validationEer: z.number(), version: z.string() }),
        views: z
          .int()
          .describe(
            'of each image: 1, or 2 where it is seen mirrored and enlarged as well, at about three times the cost',
          ),
        quantizedFrom: z.string().nullable(),
        calibratedReferences: z.array(z.int()).describe('numbers of references it is calibrated for'),
      })
      .nullable()
      .describe('null where the service does not have the file'),
  })
  .meta({ id: 'Model' });

const rate = z
  .object({
    value: z.number().describe('0 to 1'),
    interval: z.object({ low: z.number(), high: z.number() }).describe('95 %, over writers'),
  })
  .meta({ id: 'Rate' });

const curve = z
  .object({
    references: z.int(),
    writers: z.int().describe('of the calibration'),
    questioned: z.object({ genuine: z.int(), skilled: z.int(), random: z.int() }),
    equalErrorThreshold: z.number(),
    points: z.array(
      z.object({
        distance: z.number().describe('accepted up to it'),
        frr: rate,
        farSkilled: rate,
        farRandom: rate,
      }),
    ),
  })
  .meta({ id: 'ErrorCurve' });

export const evidenceSchemas = {
  listModels: { answer: z.object({ items: z.array(listedModel) }) },
  modelCard: { params, answer: z.object({ id: z.string(), markdown: z.string() }) },
  modelCurves: {
    params,
    answer: z.object({
      id: z.string(),
      threshold,
      fusion: z.string().describe('how distances to several references become one'),
      curves: z.array(curve).describe('one for each number of references that the model is calibrated for'),
    }),
  },
} as const satisfies Record<string, OperationSchemas>;
