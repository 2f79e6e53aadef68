/** Embeddings that were worked out a moment ago, by the hash of the file: one reference is compared with many signatures. */
import type { ImageQuality } from '../image/quality.js';

export interface CachedEmbedding {
  readonly embedding: Float32Array;
  readonly quality: ImageQuality;
}

/** An embedding is biometric data too: it is not kept for longer than somebody may be at work with it. */
const KEPT_MS = 10 * 60_000;

export class EmbeddingCache {
  readonly #most: number;
  /** The one that was used longest ago first. */
  readonly #entries = new Map<string, CachedEmbedding & { readonly keptUntil: number }>();

  /** @param most - embeddings; 0 for none */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param hash - SHA-256 of the file. @param nowMs - of a clock that does not go back */
  get(hash: string, nowMs: number): CachedEmbedding | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return undefined;
    this.#entries.delete(hash);
    if (entry.keptUntil < nowMs) return undefined;
    this.#entries.set(hash, entry);
    return entry;
  }

  set(hash: string, { embedding, quality }: CachedEmbedding, nowMs: number): void {
    this.#entries.delete(hash);
    this.#entries.set(hash, { embedding, quality, keptUntil: nowMs + KEPT_MS });
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value!);
  }

  clear(): void {
    this.#entries.clear();
  }
}
