/** Pairs of a set of references and a questioned signature: what a verifier with several references decides on. */
import type { Rng } from '../core/rng.js';
import { euclideanDistance } from '../metric/distances.js';
import { FUSIONS, mutualDistances } from '../metric/fusion.js';
import type { Fusion } from '../nn/calibration-metadata.js';
import type { PairsByKind } from './evidence.js';
import { drawStrangers, type EmbeddedSamples, equalEmbeddings, genuineByWriter, identities } from './pairs.js';

export interface FusedDistanceOptions {
  /** References of each identity; those with no more genuine signatures are left out. */
  readonly count: number;
  readonly fusion: Fusion;
  /** Draws of the references. */
  readonly draws: number;
  readonly rng: Rng;
}

/**
 * Every sample has an embedding. Questioned are all other genuine signatures (but exact duplicates of a reference), all
 * skilled forgeries, and the genuine signatures of strangers (see `drawStrangers`).
 */
export function fusedDistances(
  embedded: EmbeddedSamples,
  { count, fusion, draws, rng }: FusedDistanceOptions,
): PairsByKind {
  const distance = (a: number, b: number) => euclideanDistance(embeddings, a, embeddings, b, dimension);
  const { samples, embeddings, dimension } = embedded;
  const groups = identities(samples);
  const genuineOf = genuineByWriter(groups);
  const table = () => ({ distance: [] as number[], writer: [] as number[], questioned: [] as number[] });
  const pairs = { genuine: table(), skilled: table(), random: table() };
  for (let draw = 0; draw < draws; draw++) {
    for (const { writer, genuine, forged } of groups) {
      if (genuine.length <= count) continue;
      const own = rng.fork(draw).fork(samples[genuine[0]!]!.id);
      const references = own.sample(genuine, count);
      const mutual = mutualDistances(references, distance);
      const question = (kind: keyof typeof pairs, index: number) => {
        if (kind === 'genuine' && references.some((r) => equalEmbeddings(embedded, r, index))) return;
        const distances = Float64Array.from(references, (reference) => distance(reference, index));
        pairs[kind].distance.push(FUSIONS[fusion].fuse(distances, mutual));
        pairs[kind].writer.push(writer);
        pairs[kind].questioned.push(index);
      };
      for (const index of genuine) if (!references.includes(index)) question('genuine', index);
      for (const index of forged) question('skilled', index);
      for (const index of drawStrangers(samples, genuineOf, genuine[0]!, own)) question('random', index);
    }
  }
  const typed = ({ distance, writer, questioned }: ReturnType<typeof table>) => ({
    distance: Float64Array.from(distance),
    writer: Uint32Array.from(writer),
    questioned: Uint32Array.from(questioned),
  });
  return { genuine: typed(pairs.genuine), skilled: typed(pairs.skilled), random: typed(pairs.random) };
}
