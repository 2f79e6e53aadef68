import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EmbeddingCache, type SeenPicture } from '../../src/server/embedding-cache.js';

const MINUTE_MS = 60_000;

describe('the embeddings in memory', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const made = (number: number) => ({ embedding: new Float32Array([number]) }) as unknown as SeenPicture;

  it('are gone after ten minutes, though nobody asks for them, and however often somebody did', () => {
    const cache = new EmbeddingCache(10);
    cache.set('a', made(1));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(9 * MINUTE_MS);
    expect(cache.get('a')?.embedding[0]).toBe(1);
    vi.advanceTimersByTime(MINUTE_MS);
    expect(vi.getTimerCount()).toBe(0);
    expect(cache.get('a')).toBeUndefined();
  });

  it('are no more than so many: the one that was used longest ago makes room', () => {
    const cache = new EmbeddingCache(2);
    cache.set('a', made(1));
    cache.set('b', made(2));
    cache.get('a');
    cache.set('c', made(3));
    expect(['a', 'b', 'c'].map((hash) => cache.get(hash)?.embedding[0])).toEqual([1, undefined, 3]);
    cache.set('a', made(4));
    expect(cache.get('a')?.embedding[0]).toBe(4);
    expect(vi.getTimerCount()).toBe(2);
    cache.clear();
    expect([cache.get('a'), vi.getTimerCount()]).toEqual([undefined, 0]);
    new EmbeddingCache(0).set('a', made(1));
    expect(vi.getTimerCount()).toBe(0);
  });
});
