/** Requests to the worker and its replies, each to who asked. */
import { CountersignError } from '../../core/errors.js';
import { restoreError } from '../../runtime/worker-error.js';
import type { Reply, RequestName, Requests } from './messages.js';

export interface WorkerCalls {
  /** @throws what the worker threw; CountersignError WORKER_FAILED when it stopped */
  call<Name extends RequestName>(
    name: Name,
    asks: Requests[Name]['asks'],
    transfer?: Transferable[],
  ): Promise<Requests[Name]['gets']>;
  /** Ends the worker; whoever waits is told with an AbortError. */
  end(): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export function callsTo(worker: Worker): WorkerCalls {
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
    call: (name, asks, transfer = []) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        const id = ++asked;
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
        worker.postMessage({ id, name, asks }, transfer);
      }),
    end: () => fail(new DOMException('The comparison in the browser was closed.', 'AbortError')),
  };
}
