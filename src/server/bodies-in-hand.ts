/** Bodies of requests that are in memory at a time: each has its limit, and so have all of them. */
import { CountersignError } from '../core/errors.js';

/** Told of each piece of a body as it comes. @throws CountersignError OVERLOADED */
export type TakeBytes = (bytes: number) => void;

export class BodiesInHand {
  readonly #most: number;
  #bytes = 0;

  /** @param most - bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** What `work` takes is in hand until it ends. */
  async during<T>(work: (take: TakeBytes) => Promise<T>): Promise<T> {
    let own = 0;
    try {
      return await work((bytes) => {
        if (this.#bytes + bytes > this.#most) {
          const message = `Expected room for the body among the ${this.#most} bytes of all requests; there is none.`;
          throw new CountersignError('OVERLOADED', message, { details: { bodiesBytes: this.#most } });
        }
        this.#bytes += bytes;
        own += bytes;
      });
    } finally {
      this.#bytes -= own;
    }
  }
}
