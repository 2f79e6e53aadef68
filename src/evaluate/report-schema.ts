/** A report that comes from a file: what `countersign report` and `model-card` read. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { parseJson } from '../core/parse-json.js';
import { DISTANCE_NAMES } from '../nn/adapter.js';
import { FUSION_NAMES } from '../nn/calibration-metadata.js';
import { modelMetadataSchema } from '../nn/model-metadata.js';
import type { EvaluationReport } from './report.js';

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const shares = z.array(share);
const bounds = z.object({ low: share, high: share });
const interval = bounds.nullable();
const estimate = z.object({ value: share, interval });
const countedRate = estimate.extend({ errors: count, pairs: count });

const errorReport = z.object({
  far: countedRate,
  frr: countedRate,
  eer: estimate.extend({ threshold: z.number() }),
  auc: estimate,
  frrAtFar: z.array(
    z.object({
      targetFar: share,
      frr: share.nullable(),
      falseAccepts: count,
      falseRejections: count,
      reason: z.string().exactOptional(),
    }),
  ),
  perWriterEer: z.object({ mean: share, deviation: z.number(), worst: share, writers: count }).nullable(),
  resamples: count,
  det: z
    .object({ far: shares, frr: shares })
    .refine(({ far, frr }) => far.length === frr.length, 'expected as many FAR as FRR'),
});

const referenceErrors = z.object({
  farMean: share.nullable(),
  eerMean: share,
  eerDeviation: z.number(),
  perWriterEerMean: share,
});

const comparedPair = z.object({
  writer: z.string(),
  reference: z.string(),
  questioned: z.string(),
  distance: z.number(),
});

/** Fields that a newer version added are passed over. */
export const evaluationReportSchema: z.ZodType<EvaluationReport> = z.object({
  schema: z.literal('countersign/evaluation@1'),
  protocol: z.string(),
  dataset: z.string(),
  modelId: z.string(),
  input: z.enum(['as-prepared', 'shape-only']).nullable(),
  learntFrom: z.array(z.string()).nullable(),
  crossSet: z.boolean().nullable(),
  threshold: z.object({
    value: z.number(),
    source: z.string(),
    carriedOver: z.boolean().nullable().default(null), // absent in reports of versions before it
    score: z.number().exactOptional(),
  }),
  distance: z.enum([...DISTANCE_NAMES, 'given']),
  counts: z.object({
    writers: count,
    genuineSamples: count.nullable(),
    forgedSamples: count.nullable(),
    genuinePairs: count,
    skilledPairs: count,
    randomPairs: count,
  }),
  pairsDrawnPerWriter: z.object({ genuine: count, forged: count }).nullable(),
  failures: z.object({
    images: count,
    share,
    byCode: z.record(z.string(), count),
    genuinePairsRejected: count,
    skilledPairsLeftOut: count,
    randomPairsLeftOut: count,
    rule: z.string(),
  }),
  skilled: errorReport,
  random: errorReport.nullable(),
  perWriter: z.array(
    z.object({
      writer: z.string(),
      genuinePairs: count,
      skilledPairs: count,
      eer: share.nullable(),
      far: share.nullable(),
      frr: share.nullable(),
    }),
  ),
  worst: z.object({ falseAccepts: z.array(comparedPair), falseRejections: z.array(comparedPair) }).nullable(),
  calibration: z
    .object({
      cllr: z.number(),
      minCllr: z.number(),
      ece: share,
      brier: share,
      reliability: z.array(z.object({ said: share, genuine: share, weight: share, pairs: count })),
    })
    .nullable(),
  leak: z
    .object({
      probe: z.object({ eer: share, auc: share, fittedWriters: count, testWriters: count }).nullable(),
      randomSplits: z.object({ eerMean: share, eerDeviation: z.number(), splits: count }).nullable(),
    })
    .nullable(),
  operatingPoints: z
    .array(
      z.object({
        threshold: z.number(),
        target: share,
        expected: z.object({ value: share, interval: bounds }),
        unsupported: z.string().nullable(),
        realised: countedRate,
        withinFactorOfTwo: z.boolean(),
      }),
    )
    .nullable(),
  references: z.array(
    z.object({
      count,
      fusion: z.enum(FUSION_NAMES),
      draws: count,
      frrMean: share.nullable(),
      skilled: referenceErrors,
      random: referenceErrors.nullable(),
      questioned: z.object({ genuine: count, skilled: count, random: count }),
    }),
  ),
  aPosteriori: z.object({ note: z.string(), skilled: z.object({ balancedAccuracy: share, threshold: z.number() }) }),
  histogram: z.object({
    from: z.number(),
    binWidth: z.number().positive(),
    genuine: shares,
    skilled: shares,
    random: shares.nullable(),
  }),
  provenance: z
    .object({
      command: z.string().nullable(),
      date: z.string().nullable(),
      version: z.string(),
      seed: z.int(),
      dataHash: z.string(),
      model: modelMetadataSchema.pick({ training: true, quantization: true }).nullable(),
    })
    .nullable(),
});

/** @throws CountersignError REPORT_INVALID naming the file and what does not fit */
export async function readReport(file: string): Promise<EvaluationReport> {
  const invalid = (what: string, cause?: unknown) =>
    new CountersignError('REPORT_INVALID', `${file}: ${what}`, { details: { file }, cause });
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw invalid(`expected to read a report, but ${cause.code} came.`, cause);
  });
  const value = parseJson(text);
  if (value === undefined) throw invalid('expected JSON, but it is none, or it is cut off.');
  const parsed = evaluationReportSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`it is no report of evaluate or judge: ${issue!.path.join('.') || 'the file'}: ${issue!.message}.`);
}
