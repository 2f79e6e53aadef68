/** Requests to a worker and its replies, each to who asked. */
import { CountersignError } from '../../core/errors.js';
import { restoreError } from '../../runtime/worker-error.js';
import type { Reply } from './messages.js';

type AnyCall = (asks: never) => Promise<unknown>;

export interface WorkerCalls<Calls> {
  /** Calls that wait for their answer. */
  readonly waiting: number;
  /** @throws what the worker threw; CountersignError WORKER_FAILED when it stopped */
  call<Name extends keyof Calls>(
    name: Name,
    asks: Calls[Name] extends AnyCall ? Parameters<Calls[Name]>[0] : never,
    transfer?: Transferable[],
  ): Calls[Name] extends AnyCall ? ReturnType<Calls[Name]> : never;
  /** Ends the worker; whoever waits is told with an AbortError. */
  end(): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export function callsTo<Calls>(worker: Worker): WorkerCalls<Calls> {
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let ended: Error | undefined;

  const fail = (error: Error) => {
    ended = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    worker.terminate();
  };
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    const asker = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) asker?.reject(restoreError(data.error));
    else asker?.resolve(data.result);
  };
  worker.onerror = (event) => {
    const why = event.message || 'its script could not be loaded';
    fail(new CountersignError('WORKER_FAILED', `The worker of this page stopped: ${why}.`));
  };

  return {
    get waiting() {
      return waiting.size;
    },
    call: (name, asks, transfer = []) =>
      new Promise<unknown>((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        const id = ++asked;
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
        worker.postMessage({ id, name, asks }, transfer);
      }) as never,
    end: () => fail(new DOMException('The comparison in the browser was closed.', 'AbortError')),
  };
}
