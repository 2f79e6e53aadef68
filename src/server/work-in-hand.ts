/**
 * What was accepted and has not come to its end. It is counted here and not by connections: a client may be gone, or have
 * been told that it takes too long, and what it asked for goes on.
 */
import { CountersignError } from '../core/errors.js';

export class WorkInHand {
  #pieces = 0;
  readonly #refusals = new Set<(reason: CountersignError) => void>();
  #onEnd: (() => void)[] = [];

  /** `work` is in hand until it ends. */
  async during<T>(work: () => Promise<T> | T): Promise<T> {
    this.#pieces += 1;
    try {
      return await work();
    } finally {
      this.#pieces -= 1;
      if (this.#pieces === 0) for (const told of this.#onEnd.splice(0)) told();
    }
  }

  /**
   * The same for work that an answer waits for.
   *
   * @param onLateFailure - hears why work failed whose answer nobody waits for any more
   * @throws CountersignError TIMED_OUT after `mostMs`, CLOSING where it is given up; the work goes on
   */
  async answer<T>(
    work: () => Promise<T> | T,
    mostMs: number,
    onLateFailure: (error: unknown) => void = () => undefined,
  ): Promise<T> {
    const working = this.during(work);
    let refuse: (reason: CountersignError) => void = () => undefined;
    const refused = new Promise<never>((_, reject) => {
      refuse = reject;
    });
    this.#refusals.add(refuse);
    const late = () => refuse(new CountersignError('TIMED_OUT', `Expected an answer within ${mostMs} ms.`));
    const timer = setTimeout(late, mostMs);
    try {
      return await Promise.race([working, refused]);
    } catch (error) {
      // Not told to the caller: the race is over, and whoever loses it is heard by nobody.
      working.catch((reason) => {
        if (reason !== error) onLateFailure(reason);
      });
      throw error;
    } finally {
      clearTimeout(timer);
      this.#refusals.delete(refuse);
    }
  }

  /** Once nothing is in hand. */
  async ended(): Promise<void> {
    if (this.#pieces > 0) await new Promise<void>((resolve) => this.#onEnd.push(resolve));
  }

  /** Whoever waits for an answer is told that the service ends. */
  giveUp(): void {
    for (const refuse of this.#refusals) {
      refuse(new CountersignError('CLOSING', 'The service is ending, and what was asked for has not come to its end.'));
    }
  }
}
