/** What was said of a document that several may have signed: by the network, and apart from it by people. */
import type { Decision } from '../verify/result.js';
import type { mandateDecisions } from './schema.js';

export interface DecidedDocument {
  readonly mandateDecisionId: string;
  /** What the network's answers on its signatures come to. */
  readonly decision: Decision;
  readonly reasons: readonly string[];
  /** What it is since people have decided on its signatures; null until they have on all of its cases. */
  readonly reviewed: {
    readonly decision: Exclude<Decision, 'review'>;
    readonly reasons: readonly string[];
    readonly at: Date;
  } | null;
}

export function documentOf(row: typeof mandateDecisions.$inferSelect | null): DecidedDocument | null {
  if (row === null) return null;
  const { id: mandateDecisionId, result, reasons, reviewedResult, reviewedReasons, reviewedAt } = row;
  const reviewed = reviewedResult && { decision: reviewedResult, reasons: reviewedReasons!, at: reviewedAt! };
  return { mandateDecisionId, decision: result, reasons, reviewed };
}
