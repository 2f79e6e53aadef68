/** The evaluation report: plain numbers, JSON as it stands; the pages and the table for a terminal are made from it alone. */
import type { Protocol } from '../data/protocol.js';
import type { DistanceName } from '../nn/adapter.js';
import type { LeakProbe } from './audit-run.js';
import type { CalibrationReport } from './calibration-report.js';
import type { Histogram } from './curves.js';
import type { MaxAccuracy } from './error-rates.js';
import type { ErrorReport } from './error-report.js';
import type { KeptPromise } from './kept-promises.js';
import type { Provenance } from './provenance.js';
import type { ReferenceSetReport } from './references.js';
import type { WorstErrors } from './worst-errors.js';
import type { WriterErrors } from './writer-errors.js';

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
  /** `shape-only`: thinned and drawn again by one pen before the model saw it; null for scores of another system. */
  readonly input: Protocol['input'] | null;
  /** Data sets that the model learnt from; null where it is not known. */
  readonly learntFrom: readonly string[] | null;
  /** Whether the set under test is not among them, so that the threshold was carried over from others. */
  readonly crossSet: boolean | null;
  /**
   * Fixed beforehand; a pair is accepted when distance <= value. Where scores were given, of which the greater is the
   * closer, a distance is the negative of one, and `score` is the least that is accepted.
   */
  readonly threshold: { readonly value: number; readonly source: string; readonly score?: number };
  /** `given` for scores that another system measured. */
  readonly distance: DistanceName | 'given';
  /** Samples include failed ones; genuine pairs include those that failed, forged pairs do not (see failures.rule). */
  readonly counts: {
    readonly writers: number;
    /** Null for scores: how many signatures were compared is not known. */
    readonly genuineSamples: number | null;
    readonly forgedSamples: number | null;
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
  /** Of every writer tested, in order of name. */
  readonly perWriter: readonly WriterErrors[];
  /** Names of images, never images; null for scores, which name none. */
  readonly worst: WorstErrors | null;
  /** Whether the similarity is the probability that it says it is: one reference, skilled forgeries; null for no similarity. */
  readonly calibration: CalibrationReport | null;
  /** FAR on skilled forgeries that the model's calibration promises, and what came; null for a model without one. */
  readonly operatingPoints: readonly KeptPromise[] | null;
  /** How far the same writers' pairs are told apart by numbers that hold no shape; null where it was not measured. */
  readonly leak: LeakProbe | null;
  /** One entry for each number of references and fusion; [] where left out or not possible. */
  readonly references: readonly ReferenceSetReport[];
  readonly aPosteriori: { readonly note: string; readonly skilled: MaxAccuracy };
  readonly histogram: Histogram;
  readonly provenance: Provenance | null;
}
