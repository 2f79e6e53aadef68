import type { ErrorCode } from '../core/errors.js';
import type { ImageQuality } from '../image/quality.js';

/**
 * `review`: between the two thresholds of an operating point, for a person to decide. `inconclusive`: the images do not
 * allow a decision; never a synonym for any of the others.
 */
export type Decision = 'accept' | 'review' | 'reject' | 'inconclusive';

/** How a questioned signature compares with one reference. */
export interface ReferenceResult {
  /** File name, or position as `#1`. */
  readonly reference: string;
  /** Euclidean distance of the embeddings; null where the reference is unusable. */
  readonly distance: number | null;
  readonly quality: ImageQuality | null;
  /** Why the reference is unusable. */
  readonly problem?: Problem;
}

/** What is wrong with an image that could be read but shows no signature. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export interface VerificationResult {
  readonly decision: Decision;
  /** The decision in words. */
  readonly reason: string;
  /**
   * To the usable references, fused by the rule that the model is calibrated by, its mean without one; accept when
   * distance <= threshold.
   */
  readonly distance: number | null;
  /**
   * 0 .. 100, greater is closer: estimated probability in percent that the signature is genuine where genuine ones and
   * skilled forgeries are equally likely: by `logLikelihoodRatio` where there is one, else as fitted for one reference.
   */
  readonly similarity: number | null;
  /**
   * log10 of how many times more probable this distance is if the signature is genuine than if it is a skilled forgery,
   * fitted for the number of references used; null without a distance or in a model without calibration.
   */
  readonly logLikelihoodRatio: number | null;
  readonly threshold: number;
  /** Reject above it, review between it and `threshold`; equal to `threshold` where nothing is left to review. */
  readonly rejectAbove: number;
  /** Where the threshold comes from. */
  readonly thresholdSource: string;
  readonly perReference: readonly ReferenceResult[];
  /** References that show a signature. */
  readonly referenceCount: number;
  readonly modelId: string;
  /** Of the questioned image; null where it shows no signature. */
  readonly quality: ImageQuality | null;
  readonly timingMs: {
    /** Until the last image was prepared; null where a thread does preparation and network in one go. */
    readonly preprocess: number | null;
    /** From then until the last one was embedded; the others are embedded beside the preparation. */
    readonly embed: number | null;
    readonly total: number;
  };
}
