/** Figures for Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Jobs } from '../jobs/jobs.js';
import type { Inference } from './inference.js';

export interface Metrics {
  readonly registry: Registry;
  /** A request was answered. @param route - the pattern of its path */
  answered(method: string, route: string, status: number, seconds: number): void;
  /** @param kind - `compare`, `decide`, ... */
  decided(kind: string, result: string): void;
}

const SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

export function createMetrics(
  inference: Pick<Inference, 'embedder' | 'waiting'>,
  jobs: Pick<Jobs, 'waiting'>,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: 'countersign_requests_total',
    help: 'Requests that were answered',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'countersign_request_seconds',
    help: 'From the first byte of a request to its answer',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
    registers,
  });
  const decisions = new Counter({
    name: 'countersign_decisions_total',
    help: 'What was said of signatures',
    labelNames: ['kind', 'result'],
    registers,
  });
  new Gauge({
    name: 'countersign_images_waiting',
    help: 'Images at work or waiting for a thread',
    registers,
    collect() {
      this.set(inference.waiting);
    },
  });
  new Gauge({
    name: 'countersign_bulk_items_waiting',
    help: 'Items of bulk work that wait for a worker',
    registers,
    async collect() {
      this.set(await jobs.waiting().catch(() => Number.NaN)); // the other figures are wanted when the store is away
    },
  });
  new Gauge({ name: 'countersign_workers', help: 'Threads that run the network', registers }).set(
    inference.embedder.pool.size,
  );
  return {
    registry,
    answered(method, route, status, seconds) {
      requests.inc({ method, route, status: String(status) });
      durations.observe({ method, route }, seconds);
    },
    decided: (kind, result) => decisions.inc({ kind, result }),
  };
}
