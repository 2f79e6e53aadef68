/** How often something may be done: a bucket of tokens each, which fills again evenly. */

interface Bucket {
  tokens: number;
  /** Milliseconds, of the clock that is passed in. */
  at: number;
}

/** More are not remembered: the one that was used longest ago makes room. */
const MOST_BUCKETS = 10_000;

export class TokenBuckets {
  readonly #perMinute: number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param perMinute - also how many may be done at once; 0 for any number */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Takes one. @returns 0, or for how many seconds there is none */
  take(name: string, now: Date): number {
    const waitS = this.wait(name, now);
    const bucket = this.#buckets.get(name);
    if (waitS === 0 && bucket !== undefined) bucket.tokens -= 1;
    return waitS;
  }

  /** @returns 0 where there is one to take, or for how many seconds there is none */
  wait(name: string, now: Date): number {
    if (this.#perMinute === 0) return 0;
    const { tokens } = this.#fill(name, now.getTime());
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 60) / this.#perMinute);
  }

  #fill(name: string, now: number): Bucket {
    const known = this.#buckets.get(name);
    this.#buckets.delete(name); // and is the last again: the first is the one to go
    const earned = known === undefined ? 0 : (Math.max(0, now - known.at) * this.#perMinute) / 60_000;
    const bucket = { tokens: Math.min(this.#perMinute, (known?.tokens ?? this.#perMinute) + earned), at: now };
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > MOST_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket;
  }
}
