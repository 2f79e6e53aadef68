/** The part of a model file that error rates and likelihood ratios are known from beforehand. */
import { z } from 'zod';

/** Rules from distances to several references to one, see metric/fusion.ts. */
export const FUSION_NAMES = ['mean', 'min', 'energy'] as const;
export type Fusion = (typeof FUSION_NAMES)[number];

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

const referencesSchema = z.strictObject({
  count: z.int().min(1),
  /** ln LR = -(slope x distance + intercept), genuine against skilled forgery. */
  slope: z.number(),
  intercept: z.number(),
  evidence: evidenceSchema,
});

const calibrationBlockSchema = z.strictObject({
  /**
   * `<data set>/<writer>`: no weight was learnt from them, and nothing may be tested on them. Those of a training run also
   * chose its checkpoint, which flatters them; those of `countersign calibrate` chose nothing.
   */
  writers: z.array(z.string()),
  /** How distances to several references become the one that all below is said of; files of versions before it: `mean`. */
  fusion: z.enum(FUSION_NAMES).default('mean'),
  /** By number of references, ascending. */
  references: z.array(referencesSchema).min(1),
  /** log10 LR: the signatures support no lower and no higher one. */
  logLikelihoodRatio: z.strictObject({ low: z.number(), high: z.number() }),
});

export const calibrationSchema = calibrationBlockSchema.refine(
  ({ fusion, references }) => fusion !== 'energy' || references.some(({ count }) => count === 2),
  { error: 'expected a fit for two references: by energy, that for one is on another scale' },
);

export type CalibrationBlock = z.infer<typeof calibrationSchema>;
export type ReferenceCalibration = CalibrationBlock['references'][number];
export type Evidence = ReferenceCalibration['evidence'];
export type ForgeryKind = 'skilled' | 'random';
