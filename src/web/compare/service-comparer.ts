import { ask } from '../state/service.js';
import { serviceCleaner } from '../state/service-cleaner.js';
import type { Comparer } from './comparer.js';

export const serviceComparer: Comparer = {
  ...serviceCleaner,
  compare: (references, questioned, signal) =>
    ask((service) => service.compare({ body: { references: [...references], questioned } }), signal),
};
