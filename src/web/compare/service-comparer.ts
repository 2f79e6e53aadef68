import type { VerificationResult } from '../../verify/result.js';
import { servicePairs } from '../evidence/pairs-source.js';
import { ask } from '../state/service.js';
import { serviceCleaner } from '../state/service-cleaner.js';
import type { Comparer } from './comparer.js';

export const serviceComparer: Comparer = {
  ...serviceCleaner,
  ...servicePairs,
  async compare(references, questioned, signal) {
    const body = { references: [...references], questioned };
    const result = await ask((service) => service.compare({ body }), signal);
    return result as VerificationResult; // no field of JSON is there and undefined
  },
};
