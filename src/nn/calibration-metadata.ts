/** The part of a model file that error rates and likelihood ratios are known from beforehand. */
import { z } from 'zod';

const countSchema = z.int().min(0);
const acceptedSchema = z.array(countSchema);

/**
 * How many pairs of each calibration writer lie within each distance of a common grid: all that is needed for error
 * rates at any point of it and their intervals over writers.
 */
const evidenceSchema = z
  .strictObject({
    /** The grid, ascending. */
    distances: z.array(z.number()).min(1),
    /** Distinct signatures that were questioned, of all writers: many pairs question the same one. */
    questioned: z.strictObject({ genuine: countSchema, skilled: countSchema, random: countSchema }),
    /** In the order of the calibration's `writers`; the last number of a list is that of all pairs. */
    writers: z.array(z.strictObject({ genuine: acceptedSchema, skilled: acceptedSchema, random: acceptedSchema })),
  })
  .refine(({ distances }) => distances.every((distance, i) => i === 0 || distance > distances[i - 1]!), {
    error: 'expected distances that ascend',
  })
  .refine(
    ({ distances, writers }) =>
      writers.every((writer) => Object.values(writer).every(({ length }) => length === distances.length)),
    { error: 'expected a number for each distance' },
  );

export const calibrationSchema = z.strictObject({
  /**
   * `<data set>/<writer>`: no weight was learnt from them, and nothing may be tested on them. Those of a training run also
   * chose its checkpoint, which flatters them; those of `countersign calibrate` chose nothing.
   */
  writers: z.array(z.string()),
  /** By number of references, ascending; their distances are fused by the mean. */
  references: z
    .array(
      z.strictObject({
        count: z.int().min(1),
        /** ln LR = -(slope x distance + intercept), genuine against skilled forgery. */
        slope: z.number(),
        intercept: z.number(),
        evidence: evidenceSchema,
      }),
    )
    .min(1),
  /** log10 LR: the signatures support no lower and no higher one. */
  logLikelihoodRatio: z.strictObject({ low: z.number(), high: z.number() }),
});

export type CalibrationBlock = z.infer<typeof calibrationSchema>;
export type ReferenceCalibration = CalibrationBlock['references'][number];
export type Evidence = ReferenceCalibration['evidence'];
export type ForgeryKind = 'skilled' | 'random';
