/** A service from its parts: listens until it is closed. */

import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Logger } from 'pino';
import { CountersignError } from '../core/errors.js';
import type { Jobs } from '../jobs/jobs.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { hasApiKeys } from '../store/api-keys.js';
import type { Store } from '../store/store.js';
import { createApp } from './app.js';
import type { ServiceConfig } from './config.js';
import { createInference } from './inference.js';
import { KeyGuard, type SessionKey } from './key-guard.js';
import { createMetrics } from './metrics.js';
import { createModelCatalogue } from './model-catalogue.js';
import { isForThisMachine } from './require-host.js';
import { WorkInHand } from './work-in-hand.js';

export interface ServiceParts {
  readonly config: ServiceConfig;
  readonly store: Store;
  /** Bulk work of the store; whoever opened it says whether it is done in this process. */
  readonly jobs: Jobs;
  readonly embedder: ModelEmbedder;
  readonly log: Logger;
  readonly clock: () => Date;
  /** Holds only on an address of this machine alone. */
  readonly sessionKey?: SessionKey;
}

export interface RunningService {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /**
   * Accepts nothing more and finishes what it accepted, also where the client is gone; what has not come to its end within
   * `timeouts.shutdownMs` is answered CLOSING. Embedder, jobs and store stay open: whoever opened them closes them.
   */
  close(): Promise<void>;
}

/** How often a closing service looks for connections that have become idle. */
const SWEEP_MS = 50;
/** What was given up has to be answered. */
const LAST_ANSWERS_MS = 200;
/** How often connections are held against the timeouts. */
const CHECK_MS = 1000;

/**
 * @throws CountersignError API_KEYS_REQUIRED, LISTEN_FAILED
 */
export async function startService(parts: ServiceParts): Promise<RunningService> {
  const { config, store, jobs, embedder, log, clock, sessionKey } = parts;
  await requireKeys(parts);
  const closing = new AbortController();
  const inHand = new WorkInHand();
  const inference = createInference(embedder, config);
  const context = {
    ...{ store, jobs, inference, config, log, clock, inHand, closing: closing.signal },
    guard: new KeyGuard(store, config, isForThisMachine(config) ? sessionKey : undefined),
    metrics: createMetrics(inference, jobs),
    models: createModelCatalogue(store, embedder, config.model),
  };
  const { timeouts } = config;
  const server = createAdaptorServer({
    fetch: createApp(context).fetch,
    createServer,
    serverOptions: {
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      keepAliveTimeout: timeouts.idleMs,
      connectionsCheckingInterval: CHECK_MS,
    },
  }) as Server;
  server.maxConnections = config.connections;
  const url = await listen(server, config);
  log.info({ url, modelId: embedder.modelId, workers: embedder.pool.size }, 'listening');
  return {
    url,
    async close() {
      closing.abort();
      log.info('closing');
      if (!(await drain(server, inHand, timeouts.shutdownMs))) log.warn('given up: what has not come to its end');
      log.info('closed');
    },
  };
}

async function requireKeys({ config, store, clock, sessionKey }: ServiceParts): Promise<void> {
  const { host } = config;
  if (isForThisMachine(config) && sessionKey !== undefined) return;
  if (await hasApiKeys(store.database.orm, clock())) return;
  throw new CountersignError(
    'API_KEYS_REQUIRED',
    `Expected a key in the store before listening on ${host}; there is none.`,
  );
}

function listen(server: Server, { host, port }: ServiceConfig): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new CountersignError('LISTEN_FAILED', `${host}, port ${port}: ${cause.code ?? cause.message}.`, { cause }),
      );
    });
    server.listen(port, host, () => {
      const { port: taken } = server.address() as AddressInfo;
      resolve(`http://${isIPv6(host) ? `[${host}]` : host}:${taken}`);
    });
  });
}

/** Until the last request is answered and the last handler has ended. @returns false where the time was up before */
async function drain(server: Server, inHand: WorkInHand, mostMs: number): Promise<boolean> {
  const disconnected = new Promise((resolve) => server.close(resolve));
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const ended = Promise.all([disconnected, inHand.ended()]);
  const isInTime = await endsWithin(ended, mostMs);
  if (!isInTime) {
    inHand.giveUp();
    await endsWithin(disconnected, LAST_ANSWERS_MS);
    server.closeAllConnections();
    await disconnected;
  }
  clearInterval(sweep);
  return isInTime;
}

async function endsWithin(end: Promise<unknown>, mostMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), mostMs);
  });
  const isInTime = await Promise.race([end.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}
