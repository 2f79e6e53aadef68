/**
 * What takes long, once at a time: whoever asks for the same while it runs, since the first answer was TIMED_OUT, is
 * answered by the run that goes on. Once it has ended, the next request begins another.
 */

interface Run<T> {
  readonly of: string | undefined;
  readonly result: Promise<T>;
}

export class SharedRuns<T> {
  readonly #runs = new Map<string, Run<T>>();

  /**
   * @param subject - what has to be the same; who asks, too, where the run puts that on record
   * @param of - what the subject stands for now, where that changes; undefined for nothing any more
   */
  join(subject: string, of: string | undefined, work: () => Promise<T>): Promise<T> {
    const running = this.#runs.get(subject);
    if (running !== undefined && (of === undefined || of === running.of)) return running.result;
    const result = work().finally(() => {
      if (this.#runs.get(subject)?.result === result) this.#runs.delete(subject);
    });
    this.#runs.set(subject, { of, result });
    return result;
  }
}
