import type { VerificationResult } from '../../verify/result.js';
import { servicePairs } from '../evidence/pairs-source.js';
import { ask } from '../state/service.js';
import { serviceCleaner } from '../state/service-cleaner.js';
import type { Comparer } from './comparer.js';

/** The comparison at hand, however it ends. */
let comparing: Promise<unknown> = Promise.resolve();

export const serviceComparer: Comparer = {
  ...servicePairs,

  async compare(references, questioned, signal) {
    const body = { references: [...references], questioned };
    const answer = ask((service) => service.compare({ body }), signal);
    comparing = answer.catch(() => undefined);
    return (await answer) as VerificationResult; // no field of JSON is there and undefined
  },

  /** The verdict goes first: pictures for people to look at would keep it waiting. */
  async clean(picture, signal) {
    await comparing;
    return serviceCleaner.clean(picture, signal);
  },
};
