import { CountersignError } from '../core/errors.js';
import type { SampleOfSet } from '../metric/sampler.js';
import type { InitialWeights } from './initial-weights.js';

/**
 * Checkpoint, threshold and calibration are of writers that no weight has learnt from: not in an earlier run either. Of the
 * sets that the initial weights learnt from, only those are known to be such whom their last run held out.
 *
 * @param init - as the user names the weights
 * @throws CountersignError PROTOCOL_MISMATCH
 */
export function refuseSeenValidation(
  validation: readonly SampleOfSet[],
  { ancestry, heldOut }: Pick<InitialWeights, 'ancestry' | 'heldOut'>,
  init: string,
): void {
  const learnt = new Set(ancestry.map(({ dataset }) => dataset));
  const unseen = new Set(heldOut);
  const seen = new Set(
    validation.filter(({ dataset, writer }) => learnt.has(dataset) && !unseen.has(writer)).map(({ writer }) => writer),
  );
  if (seen.size === 0) return;
  const some = [...seen].slice(0, 5).join(', ');
  const message = `Expected validation writers that nothing was learnt from; ${init} may have learnt from ${seen.size} of them: ${some}. Hold out the writers that its own run held out (the same --validation-writers and --validation-seed, the same writers in the set), or start from other weights.`;
  throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { init, writers: [...seen] } });
}
