import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CountersignError } from '../core/errors.js';
import type { SharedTensor, WorkerReply, WorkerRequest } from './messages.js';
import type { TensorData } from './session.js';

/** A model that every worker of the pool has loaded. */
export interface PoolSession {
  readonly id: number;
}

export interface RunRequest {
  readonly feeds: Readonly<Record<string, TensorData>>;
  readonly outputs?: readonly string[];
  /** Outputs that the worker adds to shared memory. */
  readonly addTo?: readonly SharedTensor[];
}

/**
 * Threads of one intra-op thread each. A session blocks the thread it runs on, so sessions run only here; the program's
 * main thread stays free. Requests to one worker are answered in order.
 */
export class WorkerPool {
  readonly #workers: PoolWorker[];
  #sessions = 0;

  /** @param size - threads; the default is one a core */
  constructor(size = availableParallelism()) {
    if (!Number.isInteger(size) || size < 1) {
      throw new CountersignError('INVALID_ARGUMENT', `Expected 1 worker or more; ${size} came.`);
    }
    this.#workers = Array.from({ length: size }, () => new PoolWorker());
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Loads a model in every worker. @throws CountersignError MODEL_INVALID when the runtime refuses it */
  async open(model: Uint8Array, shared: readonly SharedTensor[] = []): Promise<PoolSession> {
    const session = this.#sessions++;
    const request: WorkerRequest = { kind: 'open', session, model, shared };
    try {
      await Promise.all(this.#workers.map((worker) => worker.send(request)));
    } catch (cause) {
      if (this.#workers.some((worker) => worker.failed)) throw cause;
      throw new CountersignError('MODEL_INVALID', `The runtime cannot load this model. ${(cause as Error).message}`, {
        cause,
      });
    }
    return { id: session };
  }

  /** Runs on the worker with the shortest queue. */
  run(session: PoolSession, request: RunRequest): Promise<Record<string, TensorData>> {
    const idlest = this.#workers.reduce((a, b) => (b.pending < a.pending ? b : a));
    return this.runOn(this.#workers.indexOf(idlest), session, request);
  }

  /** Runs on one given worker: for sums whose order must not depend on which worker was quicker. */
  runOn(worker: number, session: PoolSession, request: RunRequest): Promise<Record<string, TensorData>> {
    const { feeds, outputs = [], addTo = [] } = request;
    return this.#workers[worker]!.send({ kind: 'run', session: session.id, feeds, outputs, addTo });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }
}

/** Compiled code beside this file; when tests run this file from source, the build's. */
const WORKER_FILE = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/runtime/worker.js', import.meta.url)
  : new URL('./worker.js', import.meta.url);

interface Waiting {
  readonly resolve: (outputs: Record<string, TensorData>) => void;
  readonly reject: (error: Error) => void;
}

class PoolWorker {
  readonly #thread = new Worker(WORKER_FILE);
  readonly #waiting: Waiting[] = [];
  #failure: CountersignError | undefined;
  #closing = false;

  constructor() {
    this.#thread.on('message', (reply: WorkerReply) => {
      const { resolve, reject } = this.#waiting.shift()!;
      if (this.#waiting.length === 0 && !this.#closing) this.#thread.unref();
      if ('error' in reply) reject(new CountersignError('WORKER_FAILED', `The runtime failed: ${reply.error}`));
      else resolve(reply.outputs);
    });
    this.#thread.on('error', (cause) => this.#fail(`A worker thread failed: ${cause.message}`, cause));
    this.#thread.on('exit', (code) => this.#fail(`A worker thread ended with code ${code}.`));
    this.#thread.unref();
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  get pending(): number {
    return this.#waiting.length;
  }

  send(request: WorkerRequest): Promise<Record<string, TensorData>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#thread.ref(); // the process stays while an answer is awaited, and may end when none is
      this.#thread.postMessage(request);
    });
  }

  async close(): Promise<void> {
    if (this.#failure !== undefined) return;
    this.#closing = true;
    const ended = new Promise((resolve) => this.#thread.once('exit', resolve));
    this.#thread.ref(); // the process stays until the thread has ended, also when a last answer comes before
    this.#thread.postMessage({ kind: 'close' } satisfies WorkerRequest);
    await ended;
  }

  #fail(message: string, cause?: unknown): void {
    this.#failure ??= new CountersignError('WORKER_FAILED', message, { cause });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
