/** Embeddings that were worked out a moment ago, by the hash of the file: one reference is compared with many signatures. */
import type { ImageQuality } from '../image/quality.js';

export interface CachedEmbedding {
  readonly embedding: Float32Array;
  readonly quality: ImageQuality;
}

interface Entry {
  readonly cached: CachedEmbedding;
  /** Its end. */
  readonly timer: NodeJS.Timeout;
}

/** An embedding is biometric data too: it is in memory for no longer than somebody may be at work with it. */
const KEPT_MS = 10 * 60_000;

export class EmbeddingCache {
  readonly #most: number;
  /** The one that was used longest ago first. */
  readonly #entries = new Map<string, Entry>();

  /** @param most - embeddings; 0 for none */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param hash - SHA-256 of the file */
  get(hash: string): CachedEmbedding | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return undefined;
    this.#entries.delete(hash);
    this.#entries.set(hash, entry);
    return entry.cached;
  }

  set(hash: string, { embedding, quality }: CachedEmbedding): void {
    this.#remove(hash);
    const timer = setTimeout(() => this.#remove(hash), KEPT_MS).unref();
    this.#entries.set(hash, { cached: { embedding, quality }, timer });
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
