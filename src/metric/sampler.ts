import type { Rng } from '../core/rng.js';
import type { Sample } from '../data/dataset.js';
import type { BatchLabels } from './labels.js';

export interface SamplerOptions {
  /** P: identities in a batch. */
  readonly identities: number;
  /** Genuine signatures of each. */
  readonly genuine: number;
  /** Skilled forgeries of each; identities without forgeries give more genuine ones instead. */
  readonly forged: number;
}

export interface Batch {
  /** Positions in the list of samples. */
  readonly indices: readonly number[];
  readonly labels: BatchLabels;
}

/** Draws batches of P identities x (genuine + forged). A batch depends on the rng alone, so any step can be drawn again. */
export function createSampler(samples: readonly Sample[], options: SamplerOptions): (rng: Rng) => Batch {
  const groups = new Map<string, { genuine: number[]; forged: number[] }>();
  samples.forEach((sample, index) => {
    const group = groups.get(sample.identity) ?? { genuine: [], forged: [] };
    group[sample.kind].push(index);
    groups.set(sample.identity, group);
  });
  const identities = [...groups.values()].filter(({ genuine }) => genuine.length >= 2);

  return (rng) => {
    const indices: number[] = [];
    const identity: number[] = [];
    const forged: number[] = [];
    rng.sample(identities, options.identities).forEach((group, number) => {
      const forgeries = rng.sample(group.forged, options.forged);
      const genuine = rng.sample(group.genuine, options.genuine + options.forged - forgeries.length);
      for (const index of genuine) {
        indices.push(index);
        identity.push(number);
        forged.push(0);
      }
      for (const index of forgeries) {
        indices.push(index);
        identity.push(number);
        forged.push(1);
      }
    });
    return { indices, labels: { identity: Int32Array.from(identity), forged: Uint8Array.from(forged) } };
  };
}
