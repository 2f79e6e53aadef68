import type { Cleaner } from '../signature/cleaned.js';
import { ask } from './service.js';

/** Signatures as the network of the service sees them. */
export const serviceCleaner: Cleaner = {
  clean: (picture, signal) => ask((service) => service.clean({ body: { image: picture } }), signal),
};
