/** Which part of a policy holds for a decision, and whether a model can keep what it asks for. */
import { CountersignError } from '../core/errors.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { chooseThresholds, leastOnScale, type Thresholds } from '../verify/thresholds.js';
import { type Band, hasAmounts, type Policy } from './document.js';
import { isUpTo, type Money } from './money.js';

/**
 * The band that an amount lies in.
 *
 * @param money - null where nothing is at stake that could be counted
 * @throws CountersignError POLICY_NOT_APPLICABLE, with the reason
 */
export function bandFor(policy: Policy, money: Money | null, at: Date): Band {
  const { bands, currency, validFrom, validTo } = policy;
  if (validFrom !== undefined && at < new Date(validFrom)) throw notApplicable(policy, `it holds from ${validFrom} on`);
  if (validTo !== undefined && at >= new Date(validTo)) throw notApplicable(policy, `it held until ${validTo}`);
  if (money === null) {
    if (hasAmounts(policy)) throw notApplicable(policy, 'it decides by amount, and none was given');
    return bands[0]!;
  }
  if (currency !== undefined && money.currency !== currency) {
    throw notApplicable(policy, `its amounts are in ${currency}; ${money.currency} came`);
  }
  const band = bands.find(({ upTo }) => upTo === undefined || isUpTo(money.amount, upTo));
  if (band !== undefined) return band;
  throw notApplicable(policy, `no band holds ${money.amount} ${money.currency}`);
}

/**
 * The thresholds of a band by the number of references; undefined where all goes to a person. Where the calibration for
 * that number cannot promise the rates, that for fewer does, down to the policy's minimum: with more references both
 * rates are lower than said.
 */
export function bandThresholds(
  model: ModelMetadata,
  { minimumReferences }: Pick<Policy, 'minimumReferences'>,
  { far, frr, forgeries }: Band,
): ((referenceCount: number) => Thresholds) | undefined {
  if ((far ?? frr) === undefined) return undefined;
  const target = { forgeries, ...(far !== undefined && { far }), ...(frr !== undefined && { frr }) };
  return chooseThresholds(model, { operatingPoint: target, minimumReferences });
}

/**
 * Refuses a policy that a model cannot keep.
 *
 * @throws CountersignError TARGET_UNSUPPORTED naming the first band, with the reason
 */
export function requireSupport(policy: Policy, model: ModelMetadata): void {
  policy.bands.forEach((band, i) => {
    try {
      const thresholds = bandThresholds(model, policy, band);
      const { minimumReferences: least } = policy;
      // Where one reference is on a scale of its own, nothing falls back to it.
      for (const references of new Set([least, Math.max(least, leastOnScale(model, 2))])) thresholds?.(references);
    } catch (cause) {
      if (!(cause instanceof CountersignError)) throw cause;
      throw new CountersignError(cause.code, `Band ${i + 1} of policy ${policy.name}: ${cause.message}`, {
        cause,
        details: { band: i + 1 },
      });
    }
  });
}

/** `amounts up to 1000 EUR`. */
export function describeBand({ upTo }: Band, { currency }: Pick<Policy, 'currency'>): string {
  return upTo === undefined ? 'any amount' : `amounts up to ${upTo} ${currency}`;
}

function notApplicable({ name }: Policy, reason: string): CountersignError {
  return new CountersignError('POLICY_NOT_APPLICABLE', `Policy ${name}: ${reason}.`);
}
