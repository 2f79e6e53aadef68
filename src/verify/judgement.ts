/** From a distance and two thresholds to a decision in words. */
import { accepts } from '../evaluate/error-rates.js';
import type { Problem, VerificationResult } from './result.js';
import type { Thresholds } from './thresholds.js';

/** @param distance - null where no reference shows a signature */
export function judge(
  distance: number | null,
  { acceptUpTo, rejectAbove }: Thresholds,
  questionedProblem: Problem | undefined,
): Pick<VerificationResult, 'decision' | 'reason'> {
  if (questionedProblem !== undefined) {
    return {
      decision: 'inconclusive',
      reason: `The questioned image shows no signature: ${questionedProblem.message}`,
    };
  }
  if (distance === null) return { decision: 'inconclusive', reason: 'No reference shows a signature.' };
  const [measured, accept, reject] = [distance, acceptUpTo, rejectAbove].map((value) => value.toFixed(3));
  if (accepts(distance, acceptUpTo)) {
    const reason = `As close as genuine signatures of one writer are (distance ${measured}, threshold ${accept}).`;
    return { decision: 'accept', reason };
  }
  if (accepts(distance, rejectAbove)) {
    const reason = `Too far to accept and too close to reject at the error rates asked for (distance ${measured}, accepted up to ${accept}, rejected above ${reject}): let a person decide.`;
    return { decision: 'review', reason };
  }
  const reason = `Farther than genuine signatures of one writer are (distance ${measured}, threshold ${reject}).`;
  return { decision: 'reject', reason };
}
