import { availableParallelism } from 'node:os';
import { CountersignError } from '../core/errors.js';
import type { EmbeddedFile, EmbedFilesRequest, RunRequest, SharedTensor, WorkerRequest } from './messages.js';
import { compiled, PoolWorker } from './pool-worker.js';
import type { Device, Ports, TensorData } from './session.js';

/** A model that every worker of the pool has loaded. */
export interface PoolSession {
  readonly id: number;
}

/** Weights in shared memory, of which every worker has a prepared copy. */
export interface PoolWeights {
  readonly id: number;
  /** Call it after the shared memory has changed, and before the next run. */
  read(): Promise<void>;
}

interface Task {
  readonly request: WorkerRequest;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Threads of one intra-op thread each. A session blocks the thread it runs on, so sessions run only here; the program's
 * main thread stays free. Tasks are handed out in their order, each to the next worker that comes free; a thread that ended
 * gets none.
 */
export class WorkerPool {
  readonly device: Device;
  readonly #workers: PoolWorker[];
  readonly #queue: Task[] = [];
  #ids = 0;

  /**
   * @param size - threads; the default is one a core
   * @param device - where sessions run; what else a thread is asked for runs on the processor
   */
  constructor(size = availableParallelism(), device: Device = 'cpu') {
    if (!Number.isInteger(size) || size < 1) {
      throw new CountersignError('INVALID_ARGUMENT', `Expected 1 worker or more; ${size} came.`);
    }
    this.device = device;
    this.#workers = Array.from({ length: size }, () => new PoolWorker(device, () => this.#handOut()));
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Threads that have not ended: where there is none, every task is refused. */
  get working(): number {
    return this.#workers.filter(({ failed }) => !failed).length;
  }

  /** Tasks that no worker has begun. */
  get backlog(): number {
    return this.#queue.length;
  }

  /**
   * Loads a model in every worker.
   *
   * @param weights - where its inputs of the same names are taken from
   * @throws CountersignError MODEL_INVALID when the runtime refuses it, DEVICE_UNAVAILABLE
   */
  async open(model: Uint8Array | string, weights?: PoolWeights): Promise<PoolSession> {
    const session = this.#ids++;
    try {
      await this.#tellAll({ kind: 'open', session, model, ...(weights && { weights: weights.id }) });
    } catch (cause) {
      const isOfModel = !(cause instanceof CountersignError && cause.code === 'DEVICE_UNAVAILABLE');
      if (!isOfModel || this.#workers.some((worker) => worker.failed)) throw cause;
      throw new CountersignError('MODEL_INVALID', `The runtime cannot load this model. ${(cause as Error).message}`, {
        cause,
      });
    }
    return { id: session };
  }

  describe(session: PoolSession): Promise<Ports> {
    return this.#submit({ kind: 'describe', session: session.id });
  }

  /** @param prepare - a model whose inputs are among `shared`, and whose outputs are read by sessions as `shared` is */
  async openWeights(prepare: Uint8Array | undefined, shared: readonly SharedTensor[]): Promise<PoolWeights> {
    const id = this.#ids++;
    await this.#tellAll({ kind: 'openWeights', weights: id, prepare, shared });
    return { id, read: () => this.#tellAll({ kind: 'readWeights', weights: id }) };
  }

  run(session: PoolSession, request: RunRequest): Promise<Record<string, TensorData>> {
    return this.#submit({ kind: 'run', session: session.id, ...request });
  }

  embedFiles(session: PoolSession, request: EmbedFilesRequest): Promise<EmbeddedFile[]> {
    return this.#submit({ kind: 'embedFiles', session: session.id, ...request });
  }

  /**
   * Calls the default export of a module of ours in a worker.
   *
   * @param input - is cloned; views of shared memory stay shared
   */
  call<Input, Output>(job: Job<Input, Output>, input: Input): Promise<Awaited<Output>> {
    return this.#submit({ kind: 'call', module: job.module, input });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  async #tellAll(request: WorkerRequest): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.send(request)));
  }

  #submit<T>(request: WorkerRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve: resolve as (result: unknown) => void, reject });
      this.#handOut();
    });
  }

  #handOut(): void {
    while (this.#queue.length > 0) {
      // A task is refused only where no thread is left to do it.
      const idle = this.working === 0 ? this.#workers[0] : this.#workers.find(({ idle, failed }) => idle && !failed);
      if (idle === undefined) return;
      const { request, resolve, reject } = this.#queue.shift()!;
      idle.send(request).then(resolve, reject);
    }
  }
}

/** A function that runs in a worker: the default export of a module, with its type. */
export interface Job<Input, Output> {
  readonly module: string;
  /** Only for the compiler. */
  readonly type?: (input: Input) => Output;
}

/**
 * @param url - `import.meta.url` of the caller
 * @param file - the module beside it
 *
 * @example
 * const adamW = defineJob<typeof import('./adamw.js').default>(import.meta.url, './adamw.js');
 */
export function defineJob<F extends (input: never) => unknown>(
  url: string,
  file: string,
): Job<Parameters<F>[0], ReturnType<F>> {
  return { module: compiled(new URL(file, url)).href };
}
