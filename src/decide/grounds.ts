/** What decides: thresholds from the model or a policy's band, each worked out once. */
import type { ModelMetadata } from '../nn/model-metadata.js';
import { bandThresholds, describeBand } from '../policy/apply.js';
import type { Band } from '../policy/document.js';
import { type PolicyVersion, policyTitle } from '../store/policies.js';
import { chooseThresholds, type OperatingPointTarget, type Thresholds } from '../verify/thresholds.js';
import type { Ground } from './judge-signature.js';

/** @param band - the one of the policy that holds; null without a policy */
export type Grounds = (policy: PolicyVersion | null, band: Band | null) => Ground;

/** @param operatingPoint - error rates to keep where no policy is named; without it, the model's own threshold */
export function createGrounds(model: ModelMetadata, operatingPoint: OperatingPointTarget | undefined): Grounds {
  const withoutPolicy: Ground = {
    thresholds: once(chooseThresholds(model, { ...(operatingPoint && { operatingPoint }) })),
    minimumReferences: 1,
  };
  const known = new Map<string, Ground>();
  return (policy, band) => {
    if (policy === null || band === null) return withoutPolicy;
    const { name, version, document } = policy;
    const key = `${policyTitle({ name, version })} ${document.bands.indexOf(band)}`;
    const ground = known.get(key) ?? {
      thresholds: once(bandThresholds(model, document, band)),
      minimumReferences: document.minimumReferences,
      because: `Policy ${name}, version ${version}, ${describeBand(band, document)}.`,
    };
    known.set(key, ground);
    return ground;
  };
}

/** Thresholds are sought in all the evidence of the model, some by a bootstrap: once for each number of references. */
function once(thresholds: Ground['thresholds']): Ground['thresholds'] {
  if (thresholds === undefined) return undefined;
  const known = new Map<number, Thresholds>();
  return (referenceCount) => {
    const chosen = known.get(referenceCount) ?? thresholds(referenceCount);
    known.set(referenceCount, chosen);
    return chosen;
  };
}
