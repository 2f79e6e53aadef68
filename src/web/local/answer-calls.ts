import { describeError } from '../../runtime/worker-error.js';
import type { Reply, Request } from './messages.js';

/** Inside a worker: answers what the page asks, one after the other. What a call throws is its answer. */
export function answerCalls<Names extends object>(calls: Names): void {
  const byName = calls as Readonly<Record<string, (asks: unknown) => unknown>>;
  const answer = async ({ id, name, asks }: Request): Promise<Reply> => {
    try {
      return { id, result: await byName[name]!(asks) };
    } catch (error) {
      return { id, error: describeError(error) };
    }
  };
  let last: Promise<void> = Promise.resolve();
  addEventListener('message', ({ data }: MessageEvent<Request>) => {
    last = last.then(async () => postMessage(await answer(data)));
  });
}
