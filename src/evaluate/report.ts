/** The evaluation report: plain numbers, JSON as it stands; the SVG and the terminal table are drawn from it alone. */
import type { LeakProbe } from './audit-run.js';
import type { CalibrationReport } from './calibration-report.js';
import type { Histogram } from './curves.js';
import type { MaxAccuracy } from './error-rates.js';
import type { ErrorReport } from './error-report.js';
import type { KeptPromise } from './kept-promises.js';
import type { ReferenceSetReport } from './references.js';

/** How images that could not be processed enter the rates. @see ISO/IEC 19795-1:2021, failure to acquire */
export const FAILURE_RULE =
  'A genuine comparison with a failed image counts as a false rejection at every threshold; a forged comparison with ' +
  'one is left out of FAR, so that refusing an image never improves a rate (generalised FRR of ISO/IEC 19795-1; its ' +
  'generalised FAR would count the refused forgery as rejected and be lower).';

/** Rates are 0 .. 1; distances in the unit of the embedding. */
export interface EvaluationReport {
  readonly schema: 'countersign/evaluation@1';
  readonly protocol: string;
  readonly dataset: string;
  readonly modelId: string;
  /** Fixed beforehand; a pair is accepted when distance <= value. */
  readonly threshold: { readonly value: number; readonly source: string };
  /** `given` for scores that another system measured. */
  readonly distance: 'euclidean' | 'given';
  /** Samples include failed ones; genuine pairs include those that failed, forged pairs do not (see failures.rule). */
  readonly counts: {
    readonly writers: number;
    readonly genuineSamples: number;
    readonly forgedSamples: number;
    readonly genuinePairs: number;
    readonly skilledPairs: number;
    readonly randomPairs: number;
  };
  /** Set where pairs were drawn instead of all taken. */
  readonly pairsDrawnPerWriter: { readonly genuine: number; readonly forged: number } | null;
  readonly failures: {
    readonly images: number;
    readonly share: number;
    readonly byCode: Readonly<Record<string, number>>;
    readonly genuinePairsRejected: number;
    readonly skilledPairsLeftOut: number;
    readonly randomPairsLeftOut: number;
    readonly rule: string;
  };
  readonly skilled: ErrorReport;
  /** Null where there are none: only one writer, or scores without them. */
  readonly random: ErrorReport | null;
  /** Whether the similarity is the probability that it says it is: one reference, skilled forgeries; null for no similarity. */
  readonly calibration: CalibrationReport | null;
  /** FAR on skilled forgeries that the model's calibration promises, and what came; null for a model without one. */
  readonly operatingPoints: readonly KeptPromise[] | null;
  /** How far the same writers' pairs are told apart by numbers that hold no shape; null where it was not measured. */
  readonly leak: LeakProbe | null;
  /** Several references by mean distance, skilled forgeries; null where left out or not possible. */
  readonly references: ReferenceSetReport | null;
  readonly aPosteriori: { readonly note: string; readonly skilled: MaxAccuracy };
  readonly histogram: Histogram;
}
