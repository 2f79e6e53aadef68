import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { fusedDistances } from './fused-distances.js';
import { type EmbeddedSamples, equalEmbeddings } from './pairs.js';
import { evaluateReferenceSets } from './references.js';

/** Writers of several texts each, at places of their own on a line: genuine signatures there, a forgery beside them. */
function onLine(sets: Readonly<Record<string, number>>, { texts = 1, genuine = 3 } = {}): EmbeddedSamples {
  const samples: EmbeddedSamples['samples'][number][] = [];
  const places: number[] = [];
  const rng = new Rng('line');
  for (const [dataset, writers] of Object.entries(sets)) {
    for (let w = 0; w < writers; w++) {
      const writer = `${dataset}/${w}`;
      for (let text = 0; text < texts; text++) {
        for (let i = 0; i <= genuine; i++) {
          const kind = i < genuine ? 'genuine' : 'forged';
          samples.push({ id: `${writer}/${text}/${i}`, writer, identity: `${writer}/${text}`, kind, dataset });
          places.push((dataset === 'far' ? 1000 : 0) + 10 * w + rng.uniform());
        }
      }
    }
  }
  return { samples, embeddings: Float32Array.from(places), dimension: 1 };
}

const options = { count: 2, fusion: 'mean' as const, draws: 2, rng: new Rng(1) };

describe('the distances to several references', () => {
  it('are means over the references, one row for each signature that is questioned', () => {
    const embedded = onLine({ near: 2 });
    const { genuine, skilled } = fusedDistances(embedded, { ...options, draws: 1 });
    expect([genuine.distance.length, skilled.distance.length]).toEqual([2, 2]);
    const [first, second, third] = embedded.embeddings.subarray(0, 3);
    const places = [first!, second!, third!];
    const questioned = embedded.embeddings[genuine.questioned[0]!]!;
    const sum = places.reduce((total, place) => total + Math.abs(place - questioned), 0);
    expect(genuine.distance[0]).toBeCloseTo(sum / 2, 9);
  });

  it('are fused by energy: less half of what lies between the references', () => {
    const embedded = onLine({ near: 3 });
    const byMean = fusedDistances(embedded, { ...options, draws: 1 });
    const byEnergy = fusedDistances(embedded, { ...options, draws: 1, fusion: 'energy' });
    byEnergy.genuine.questioned.forEach((index, m) => {
      const { identity } = embedded.samples[index]!;
      const references = embedded.samples.flatMap((sample, i) =>
        sample.identity === identity && sample.kind === 'genuine' && i !== index ? [embedded.embeddings[i]!] : [],
      );
      const between = Math.abs(references[0]! - references[1]!);
      expect(byEnergy.genuine.distance[m]).toBeCloseTo(byMean.genuine.distance[m]! - between / 2, 9);
    });
    expect(byEnergy.genuine.distance.length).toBe(3);
  });

  it('question strangers of the same set only', () => {
    const { random } = fusedDistances(onLine({ near: 4, far: 4 }), options);
    expect(random.distance.length).toBe(2 * 8 * 3);
    expect(Math.max(...random.distance)).toBeLessThan(100);
  });

  it('question one signature of each other writer, however many texts he writes', () => {
    const { random } = fusedDistances(onLine({ near: 4 }, { texts: 3 }), { ...options, draws: 1 });
    expect(random.distance.length).toBe(4 * 3 * 3);
  });

  it('leave out a genuine signature whose embedding equals that of a reference in every component', () => {
    const { samples, embeddings, dimension } = onLine({ near: 1 });
    const copied = { samples, embeddings: embeddings.slice().fill(embeddings[0]!, 0, 3), dimension };
    expect(fusedDistances(copied, options).genuine.distance.length).toBe(0);
  });
});

describe('equal embeddings', () => {
  const samples = onLine({ near: 1 }).samples;

  it('are equal in every component, not merely at distance 0', () => {
    const embeddings = Float32Array.of(1, 2, 2, 4, 1, 2, 9, 9);
    const embedded: EmbeddedSamples = { samples, embeddings, dimension: 2, distance: 'cosine' };
    expect(equalEmbeddings(embedded, 0, 1)).toBe(false); // one direction, so cosine distance 0
    expect(equalEmbeddings(embedded, 0, 2)).toBe(true);
    const row = evaluateReferenceSets(embedded, { counts: [1], draws: 9, threshold: 0.1, rng: new Rng(1) })[0]!;
    expect(row.questioned.genuine).toBeGreaterThan(0);
  });

  it('are never those of images that failed', () => {
    expect(equalEmbeddings({ samples, embeddings: Float32Array.of(1, 2), dimension: 2 }, 1, 2)).toBe(false);
  });
});
