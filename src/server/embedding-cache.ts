/** Pictures that the network saw a moment ago, by the hash of the file: one reference is compared with many signatures. */
import type { SeenFile } from '../runtime/model-embedder.js';

export type SeenPicture = Exclude<SeenFile, { readonly error: unknown }>;

interface Entry {
  readonly picture: SeenPicture;
  /** Its end. */
  readonly timer: NodeJS.Timeout;
}

/** An embedding is biometric data too: it is in memory for no longer than somebody may be at work with it. */
const KEPT_MS = 10 * 60_000;

export class EmbeddingCache {
  readonly #most: number;
  /** The one that was used longest ago first. */
  readonly #entries = new Map<string, Entry>();

  /** @param most - pictures; 0 for none */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param hash - SHA-256 of the file */
  get(hash: string): SeenPicture | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return undefined;
    this.#entries.delete(hash);
    this.#entries.set(hash, entry);
    return entry.picture;
  }

  set(hash: string, picture: SeenPicture): void {
    this.#remove(hash);
    const timer = setTimeout(() => this.#remove(hash), KEPT_MS).unref();
    this.#entries.set(hash, { picture, timer });
    if (this.#entries.size > this.#most) this.#remove(this.#entries.keys().next().value!);
  }

  clear(): void {
    for (const hash of this.#entries.keys()) this.#remove(hash);
  }

  #remove(hash: string): void {
    clearTimeout(this.#entries.get(hash)?.timer);
    this.#entries.delete(hash);
  }
}
