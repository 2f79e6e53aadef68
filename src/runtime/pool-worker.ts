import { Worker } from 'node:worker_threads';
import { CountersignError } from '../core/errors.js';
import type { WorkerReply, WorkerRequest } from './messages.js';
import type { Device } from './session.js';
import { restoreError } from './worker-error.js';

/** Workers run compiled code: the file itself, or, when tests run from source, the build's. */
export function compiled(file: URL): URL {
  const [, inSource] = /\/src\/([^?]*)\.[jt]s$/.exec(file.pathname) ?? [];
  if (inSource === undefined || !import.meta.url.endsWith('.ts')) return file;
  return new URL(`../../dist/${inSource}.js`, import.meta.url);
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** One thread of the pool, as its owner sees it. Requests are answered in order. */
export class PoolWorker {
  readonly #thread: Worker;
  readonly #waiting: Waiting[] = [];
  readonly #onIdle: () => void;
  #failure: CountersignError | undefined;
  #closing = false;

  /**
   * @param device - where its sessions run
   * @param onIdle - called whenever nothing is asked of the thread any more
   */
  constructor(device: Device, onIdle: () => void) {
    this.#thread = new Worker(compiled(new URL('./worker.js', import.meta.url)), { workerData: { device } });
    this.#onIdle = onIdle;
    this.#thread.on('message', (reply: WorkerReply) => {
      const { resolve, reject } = this.#waiting.shift()!;
      if ('error' in reply) reject(restoreError(reply.error));
      else resolve(reply.result as never);
      if (this.#waiting.length > 0) return;
      this.#onIdle();
      if (this.#waiting.length === 0 && !this.#closing) this.#thread.unref();
    });
    this.#thread.on('error', (cause) => this.#fail(`A worker thread failed: ${cause.message}`, cause));
    this.#thread.on('exit', (code) =>
      this.#fail(this.#closing ? 'The pool was closed.' : `A worker thread ended with code ${code}.`),
    );
    this.#thread.unref();
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Whether nothing is asked of it; what is sent to a failed thread is refused at once. */
  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  send<T>(request: WorkerRequest): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#thread.postMessage(request); // throws, and so rejects, where the request cannot be cloned
      this.#waiting.push({ resolve, reject });
      this.#thread.ref(); // the process stays while an answer is awaited, and may end when none is
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
    this.#onIdle();
  }
}
