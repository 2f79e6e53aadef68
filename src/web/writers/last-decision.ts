/** The id of the decision made last on this page, so that lists of decisions are read anew. */
import { signal } from '@preact/signals';

export const lastDecision = signal('');
