/** What is said of a questioned signature and an enrolled writer, and why: no database, no image. */
import { inWords } from '../evaluate/likelihood-ratio.js';
import { FUSIONS } from '../metric/fusion.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { type Comparison, compareEmbeddings, fusionOf } from '../verify/comparison.js';
import type { EnrolmentState } from '../verify/enrolment-state.js';
import { judge } from '../verify/judgement.js';
import type { Decision } from '../verify/result.js';
import type { Thresholds } from '../verify/thresholds.js';
import type { Questioned } from './questioned.js';

/** What decides: the model's own threshold, error rates that were asked for, or the band of a policy. */
export interface Ground {
  /** By the number of references; undefined where every signature goes to a person. */
  readonly thresholds: ((referenceCount: number) => Thresholds) | undefined;
  readonly minimumReferences: number;
  /** In words, as a sentence; undefined without a policy. */
  readonly because?: string;
}

export interface Judgement {
  readonly result: Decision;
  /** In words, the decisive one first. */
  readonly reasons: readonly string[];
  /** Undefined where nothing was compared. */
  readonly comparison: Comparison | undefined;
  /** Undefined where nothing was held against one. */
  readonly thresholds: Thresholds | undefined;
}

/** @param references - enrolled ones, neither doubtful nor retired, each [D] */
export function judgeSignature(
  model: ModelMetadata,
  writer: { readonly state: EnrolmentState },
  references: readonly Float32Array[],
  { shown }: Questioned,
  ground: Ground,
): Judgement {
  const inconclusive = (reason: string): Judgement => ({
    ...{ result: 'inconclusive', reasons: [reason], comparison: undefined, thresholds: undefined },
  });
  if ('problem' in shown) return inconclusive(`The questioned image shows no signature: ${shown.problem.message}`);
  if (writer.state !== 'ready') return inconclusive(NOT_READY[writer.state]);
  const least = Math.max(1, ground.minimumReferences);
  if (references.length < least) {
    return inconclusive(`The writer has ${references.length} references that the model has seen; ${least} are needed.`);
  }
  const comparison = compareEmbeddings(model, references, shown.embedding);
  const thresholds = ground.thresholds?.(references.length);
  const { decision, reason } = decideOn(comparison, thresholds);
  const { logLikelihoodRatio: ratio } = comparison;
  const reasons = [
    reason,
    ...(ratio === null ? [] : [`Such a distance is ${inWords(ratio)}.`]),
    ...spreadOf(model, comparison),
    ...(ground.because === undefined ? [] : [ground.because]),
    ...shown.quality.warnings.map((warning) => `The questioned image: ${warning}.`),
  ];
  return { result: decision, reasons, comparison, thresholds };
}

const NOT_READY = {
  enrolling: 'The writer has not enough references yet.',
  stale: 'The enrolment of the writer no longer serves: it expired, aged, or is of another model.',
} as const;

/** Below it two images are one: rounding alone keeps their embeddings apart. */
const SAME_IMAGE = 1e-5;

function decideOn({ distance, distances }: Comparison, thresholds: Thresholds | undefined) {
  const leftToPerson = (reason: string) => ({ decision: 'review' as const, reason });
  if (distances.some((toReference) => toReference < SAME_IMAGE)) {
    return leftToPerson('It equals a reference: nobody signs twice alike, so it may be a copy. Let a person decide.');
  }
  if (thresholds === undefined) return leftToPerson('The policy leaves every signature of this band to a person.');
  return judge(distance, thresholds, undefined);
}

/** What the writer's own variety takes off, where the model's fusion looks at it. */
function spreadOf(model: ModelMetadata, { mutual }: Comparison): string[] {
  if (mutual.length === 0 || FUSIONS[fusionOf(model)].keepsScale) return [];
  const mean = mutual.reduce((sum, value) => sum + value, 0) / mutual.length;
  return [
    `The references lie ${mean.toFixed(3)} apart on average; half of it is taken off the mean distance to them, as the writer's own variety.`,
  ];
}
