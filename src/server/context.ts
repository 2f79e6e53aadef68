/** What the routes of a running service share. */
import type { Logger } from 'pino';
import type { Jobs } from '../jobs/jobs.js';
import type { Store } from '../store/store.js';
import type { ServiceConfig } from './config.js';
import type { Inference } from './inference.js';
import type { KeyGuard } from './key-guard.js';
import type { Metrics } from './metrics.js';
import type { ModelCatalogue } from './model-catalogue.js';
import type { WorkInHand } from './work-in-hand.js';

export interface ServiceContext {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly inference: Inference;
  readonly models: ModelCatalogue;
  readonly guard: KeyGuard;
  readonly metrics: Metrics;
  readonly config: ServiceConfig;
  readonly log: Logger;
  readonly clock: () => Date;
  /** Of all requests. */
  readonly inHand: WorkInHand;
  /** Set once the service ends: what comes then is refused. */
  readonly closing: AbortSignal;
}
