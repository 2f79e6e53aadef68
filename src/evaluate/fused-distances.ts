/**
 * Pairs of a set of references and a questioned signature, by the mean of the distances: what a verifier with several
 * references decides on.
 */
import type { Rng } from '../core/rng.js';
import { euclideanDistance } from '../metric/distances.js';
import type { PairsByKind } from './evidence.js';
import { type EmbeddedSamples, type IdentityGroup, identities, RANDOM_FORGERIES_PER_REFERENCE } from './pairs.js';

export interface FusedDistanceOptions {
  /** References of each identity; those with no more genuine signatures are left out. */
  readonly count: number;
  /** Draws of the references. */
  readonly draws: number;
  readonly rng: Rng;
}

/**
 * Every sample has an embedding. Questioned are all other genuine signatures (but exact duplicates of a reference), all
 * skilled forgeries, and one genuine signature each of 30 other writers (all where there are fewer).
 */
export function fusedDistances(
  { samples, embeddings, dimension }: EmbeddedSamples,
  { count, draws, rng }: FusedDistanceOptions,
): PairsByKind {
  const groups = identities(samples);
  const table = () => ({ distance: [] as number[], writer: [] as number[] });
  const pairs = { genuine: table(), skilled: table(), random: table() };
  for (let draw = 0; draw < draws; draw++) {
    for (const { writer, genuine, forged } of groups) {
      if (genuine.length <= count) continue;
      const own = rng.fork(draw).fork(samples[genuine[0]!]!.id);
      const references = own.sample(genuine, count);
      const question = (kind: keyof typeof pairs, index: number) => {
        const distances = references.map((r) => euclideanDistance(embeddings, r, embeddings, index, dimension));
        if (kind === 'genuine' && distances.includes(0)) return;
        pairs[kind].distance.push(distances.reduce((sum, d) => sum + d, 0) / count);
        pairs[kind].writer.push(writer);
      };
      for (const index of genuine) if (!references.includes(index)) question('genuine', index);
      for (const index of forged) question('skilled', index);
      for (const index of strangers(groups, writer, own)) question('random', index);
    }
  }
  const typed = ({ distance, writer }: ReturnType<typeof table>) => ({
    distance: Float64Array.from(distance),
    writer: Uint32Array.from(writer),
  });
  return { genuine: typed(pairs.genuine), skilled: typed(pairs.skilled), random: typed(pairs.random) };
}

/** One genuine signature each of other writers. */
function strangers(groups: readonly IdentityGroup[], writer: number, rng: Rng): number[] {
  const others = groups.filter((group) => group.writer !== writer && group.genuine.length > 0);
  return rng.sample(others, RANDOM_FORGERIES_PER_REFERENCE).map(({ genuine }) => rng.pick(genuine));
}
