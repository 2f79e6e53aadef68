/** The part of a model file that error rates and likelihood ratios are known from beforehand. */
import { z } from 'zod';

const acceptedSchema = z.array(z.int().min(0)).min(1);

/**
 * How many pairs of each calibration writer lie within each distance of a common grid, from + i x step: all that is
 * needed for error rates at any threshold and their intervals over writers.
 */
const evidenceSchema = z
  .strictObject({
    from: z.number(),
    step: z.number().positive(),
    /** In the order of the calibration's `writers`; the last number of a list is that of all pairs. */
    writers: z.array(z.strictObject({ genuine: acceptedSchema, skilled: acceptedSchema, random: acceptedSchema })),
  })
  .refine(
    ({ writers }) => new Set(writers.flatMap((writer) => Object.values(writer).map(({ length }) => length))).size <= 1,
    {
      error: 'expected lists of one length',
    },
  );

export const calibrationSchema = z.strictObject({
  /** `<data set>/<writer>`: nothing was learnt from them, and nothing may be tested on them. */
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
  /** log10 LR at some distances, one reference, joined by straight lines; falls with the distance. */
  isotonic: z.array(z.strictObject({ distance: z.number(), logLikelihoodRatio: z.number() })).min(1),
});

export type CalibrationBlock = z.infer<typeof calibrationSchema>;
export type ReferenceCalibration = CalibrationBlock['references'][number];
export type Evidence = ReferenceCalibration['evidence'];
export type ForgeryKind = 'skilled' | 'random';
