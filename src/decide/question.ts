/** What a decider is asked about a document, and what it answers. */
import type { Money } from '../policy/money.js';
import type { ImageSource } from '../runtime/types.js';
import type { RecordedDecision } from '../store/record-decision.js';
import type { Decision } from '../verify/result.js';
import type { Thresholds } from '../verify/thresholds.js';

export interface Question {
  /** One or more signatures on one document, each of another writer. */
  readonly signatures: readonly QuestionedSignature[];
  /** Name of a policy, of which the active version decides; without it, the model's own threshold. */
  readonly policy?: string | undefined;
  readonly money?: Money | undefined;
}

export interface QuestionedSignature {
  /** The operator's number of the writer whose signature it is said to be. */
  readonly writer: string;
  readonly image: ImageSource;
}

export interface SignatureDecision extends RecordedDecision {
  readonly writer: string;
  readonly writerId: string;
  readonly decision: Decision;
  /** In words, the decisive one first. */
  readonly reasons: readonly string[];
  /** To the references, fused by the model's rule; null where nothing was compared. */
  readonly distance: number | null;
  /** log10; null without a distance or a calibration. */
  readonly logLikelihoodRatio: number | null;
  /** 0 .. 100. */
  readonly similarity: number | null;
  /** Null where nothing was held against one. */
  readonly thresholds: Thresholds | null;
  /** To each reference, by its id. */
  readonly distances: Readonly<Record<string, number>>;
}

export interface DocumentDecision {
  readonly decision: Decision;
  readonly reasons: readonly string[];
  /** Null without a mandate. */
  readonly mandateDecisionId: string | null;
  readonly signatures: readonly SignatureDecision[];
  readonly policy: { readonly name: string; readonly version: number } | null;
  readonly money: Money | null;
  readonly modelId: string;
  readonly timingMs: number;
}
