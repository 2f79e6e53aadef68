import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import {
  type EmbeddedSamples,
  genuinePairs,
  type PairTable,
  randomForgeryPairs,
  skilledForgeryPairs,
  writerNames,
} from './pairs.js';

/** `writers` writers with g genuine and f forged samples each, embeddings at random. */
function madeUp(writers: number, g: number, f: number, dimension = 3): EmbeddedSamples {
  const rng = new Rng('made up');
  const samples = Array.from({ length: writers }, (_, w) => `w${String(w).padStart(3, '0')}`).flatMap((writer) => [
    ...Array.from({ length: g }, (_, i) => ({
      id: `${writer}/g${i}`,
      writer,
      identity: writer,
      kind: 'genuine' as const,
    })),
    ...Array.from({ length: f }, (_, i) => ({
      id: `${writer}/f${i}`,
      writer,
      identity: writer,
      kind: 'forged' as const,
    })),
  ]);
  const embeddings = Float32Array.from({ length: samples.length * dimension }, () => rng.normal());
  return { samples, embeddings, dimension };
}

/** One readable line per pair, sorted; genuine pairs without direction. */
function lines({ samples }: EmbeddedSamples, table: PairTable, directed = true): string[] {
  const names = writerNames(samples);
  return [...table.distance.keys()]
    .map((m) => {
      const pair = [samples[table.reference[m]!]!.id, samples[table.questioned[m]!]!.id];
      if (!directed) pair.sort();
      return `${names[table.writer[m]!]} ${pair.join(' ')} ${table.distance[m]!.toFixed(5)}`;
    })
    .sort();
}

function naive(embedded: EmbeddedSamples, forged: boolean): string[] {
  const { samples, embeddings, dimension } = embedded;
  const out: string[] = [];
  samples.forEach((a, i) => {
    samples.forEach((b, j) => {
      if (a.identity !== b.identity || a.kind !== 'genuine') return;
      if (forged ? b.kind !== 'forged' : b.kind !== 'genuine' || a.id >= b.id) return;
      let sum = 0;
      for (let d = 0; d < dimension; d++) sum += (embeddings[i * dimension + d]! - embeddings[j * dimension + d]!) ** 2;
      out.push(`${a.writer} ${a.id} ${b.id} ${Math.fround(Math.sqrt(sum)).toFixed(5)}`);
    });
  });
  return out.sort();
}

describe('genuine and skilled pairs', () => {
  it('are all pairs of every identity, with their Euclidean distance', () => {
    const embedded = madeUp(3, 4, 2);
    expect(lines(embedded, genuinePairs(embedded), false)).toEqual(naive(embedded, false));
    expect(lines(embedded, skilledForgeryPairs(embedded))).toEqual(naive(embedded, true));
  });

  it('have the published counts: Hindi 16560 + 43200, Bengali 13800 + 36000, CEDAR 1380 + 2880', () => {
    for (const [writers, forged, genuineCount, forgedCount] of [
      [60, 30, 16560, 43200],
      [50, 30, 13800, 36000],
      [5, 24, 1380, 2880],
    ] as const) {
      const embedded = madeUp(writers, 24, forged);
      expect(genuinePairs(embedded).distance.length).toBe(genuineCount);
      expect(skilledForgeryPairs(embedded).distance.length).toBe(forgedCount);
    }
  });

  it('never cross identities of one writer, and count under that writer', () => {
    const name = (id: string, identity: string, kind: 'genuine' | 'forged') => ({ id, writer: 'w', identity, kind });
    const samples = [
      name('1', 'w/a', 'genuine'),
      name('2', 'w/a', 'genuine'),
      name('3', 'w/b', 'genuine'),
      name('4', 'w/b', 'forged'),
    ];
    const embedded = { samples, embeddings: Float32Array.of(0, 1, 5, 7), dimension: 1 };
    expect([...genuinePairs(embedded).distance]).toEqual([1]);
    expect([...skilledForgeryPairs(embedded).distance]).toEqual([2]);
  });

  it('do not depend on the order of the samples', () => {
    const embedded = madeUp(3, 3, 3);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const order = new Rng(seed).shuffle(embedded.samples.map((_, i) => i));
        const shuffled = {
          samples: order.map((i) => embedded.samples[i]!),
          embeddings: Float32Array.from(order.flatMap((i) => [...embedded.embeddings.subarray(3 * i, 3 * i + 3)])),
          dimension: 3,
        };
        for (const pairs of [
          genuinePairs,
          skilledForgeryPairs,
          (e: EmbeddedSamples) => randomForgeryPairs(e, new Rng(1)),
        ]) {
          expect(lines(shuffled, pairs(shuffled))).toEqual(lines(embedded, pairs(embedded)));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('can be drawn per writer, as the notebook twin does: 276 + 288 each, without repetition', () => {
    const embedded = madeUp(4, 24, 30);
    const sampling = { perWriter: 288, rng: new Rng('twin') };
    const forged = skilledForgeryPairs(embedded, sampling);
    for (let w = 0; w < 4; w++) expect(forged.writer.filter((writer) => writer === w).length).toBe(288);
    expect(new Set(lines(embedded, forged)).size).toBe(4 * 288);
    expect(forged).toEqual(skilledForgeryPairs(embedded, sampling));
    expect(genuinePairs(embedded, { perWriter: 276, rng: new Rng(1) }).distance.length).toBe(4 * 276);
  });

  it('give +Infinity for samples without an embedding', () => {
    const { samples, embeddings, dimension } = madeUp(1, 3, 0, 2);
    const table = genuinePairs({ samples, embeddings: embeddings.slice(0, 4), dimension });
    expect([...table.distance].map(Number.isFinite)).toEqual([true, false, false]);
  });

  it('refuse what cannot be compared', () => {
    expect(() => genuinePairs(madeUp(3, 1, 2))).toThrow(expect.objectContaining({ code: 'DATASET_TOO_FEW_SAMPLES' }));
    expect(() => skilledForgeryPairs(madeUp(3, 2, 0))).toThrow(
      expect.objectContaining({ code: 'DATASET_NO_FORGERIES' }),
    );
    const broken = madeUp(1, 3, 0);
    broken.embeddings[4] = Number.NaN;
    expect(() => genuinePairs(broken)).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }));
    expect(() => genuinePairs({ ...broken, dimension: 2 })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('random forgeries', () => {
  it('are genuine signatures of other writers, each other writer at most once per reference', () => {
    const embedded = madeUp(8, 4, 2);
    const table = randomForgeryPairs(embedded, new Rng('random'), 5);
    expect(table.distance.length).toBe(8 * 4 * 5);
    const seen = new Set<string>();
    for (let m = 0; m < table.distance.length; m++) {
      const [reference, questioned] = [embedded.samples[table.reference[m]!]!, embedded.samples[table.questioned[m]!]!];
      expect(questioned.kind).toBe('genuine');
      expect(questioned.writer).not.toBe(reference.writer);
      expect(writerNames(embedded.samples)[table.writer[m]!]).toBe(reference.writer);
      seen.add(`${reference.id} ${questioned.writer}`);
    }
    expect(seen.size).toBe(table.distance.length);
  });

  it('are the same for the same seed, bounded at 30 others, all others where there are fewer, none for one writer', () => {
    const embedded = madeUp(40, 2, 0);
    expect(randomForgeryPairs(embedded, new Rng(5))).toEqual(randomForgeryPairs(embedded, new Rng(5)));
    expect(randomForgeryPairs(embedded, new Rng(5))).not.toEqual(randomForgeryPairs(embedded, new Rng(6)));
    expect(randomForgeryPairs(embedded, new Rng(5)).distance.length).toBe(40 * 2 * 30);
    expect(randomForgeryPairs(madeUp(3, 2, 0), new Rng(5)).distance.length).toBe(3 * 2 * 2);
    expect(randomForgeryPairs(madeUp(1, 2, 0), new Rng(5)).distance.length).toBe(0);
  });

  it('draws other writers of the same set only', () => {
    const { samples, ...rest } = madeUp(6, 2, 0);
    const setOf = (writer: string) => (Number.parseInt(writer.replace(/\D/g, ''), 10) % 2 === 0 ? 'even' : 'odd');
    const ofSets = samples.map((sample) => ({ ...sample, dataset: setOf(sample.writer) }));
    const { reference, questioned } = randomForgeryPairs({ samples: ofSets, ...rest }, new Rng(5));
    expect(reference.length).toBe(6 * 2 * 2);
    reference.forEach((r, m) => {
      expect(ofSets[questioned[m]!]!.dataset).toBe(ofSets[r]!.dataset);
    });
  });
});
