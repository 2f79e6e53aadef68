/**
 * Seeded random numbers for sampling and augmentation (a stream is one of 2^32; nothing here is for secrets). A generator is always an argument; `fork` derives an independent stream by label, so that what
 * is drawn for step 7 does not depend on how many numbers step 6 drew (a resumed run equals an uninterrupted one).
 *
 * @see Chris Doty-Humphrey, PractRand: sfc32. Seeding by FNV-1a over the labels, then 12 warm-up rounds.
 */
export class Rng {
  readonly #key: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | undefined;

  constructor(seed: number | string) {
    this.#key = String(seed);
    this.#a = fnv1a(`${this.#key}#a`);
    this.#b = fnv1a(`${this.#key}#b`);
    this.#c = fnv1a(`${this.#key}#c`);
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** An independent generator for `label`; the same labels from the same seed always give the same stream. */
  fork(label: string | number): Rng {
    return new Rng(`${this.#key}/${label}`);
  }

  /** Uniform over 0 .. 2^32 - 1. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** Uniform over [low, high), 53 bits. */
  uniform(low = 0, high = 1): number {
    const unit = (this.uint32() * 2 ** 21 + (this.uint32() >>> 11)) / 2 ** 53;
    return low + unit * (high - low);
  }

  /** Uniform integer over [0, n). */
  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Normal with the given mean and standard deviation (Marsaglia's polar method). */
  normal(mean = 0, standardDeviation = 1): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return mean + standardDeviation * spare;
    }
    for (;;) {
      const u = this.uniform(-1, 1);
      const v = this.uniform(-1, 1);
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spareNormal = v * factor;
      return mean + standardDeviation * u * factor;
    }
  }

  /** True with probability p. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** One element of a list that is not empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)] as T;
  }

  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [out[i], out[j]] = [out[j] as T, out[i] as T];
    }
    return out;
  }

  /** `count` distinct elements, in random order; all of them where there are fewer. */
  sample<T>(items: readonly T[], count: number): T[] {
    return this.shuffle(items).slice(0, count);
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
