/** Pairs of a set of references and a questioned signature: what a verifier with several references decides on. */
import type { Rng } from '../core/rng.js';
import { FUSIONS } from '../metric/fusion.js';
import type { Fusion } from '../nn/calibration-metadata.js';
import type { PairsByKind } from './evidence.js';
import { type EmbeddedSamples, identities } from './pairs.js';
import { questionReferences } from './question-references.js';

export interface FusedDistanceOptions {
  /** References of each identity; those with no more genuine signatures are left out. */
  readonly count: number;
  readonly fusion: Fusion;
  /** Draws of the references. */
  readonly draws: number;
  readonly rng: Rng;
}

/** Every sample has an embedding. Who is questioned says `questionReferences`. */
export function fusedDistances(
  embedded: EmbeddedSamples,
  { count, fusion, draws, rng }: FusedDistanceOptions,
): PairsByKind {
  const groups = identities(embedded.samples);
  const table = () => ({ distance: [] as number[], writer: [] as number[], questioned: [] as number[] });
  const pairs = { genuine: table(), skilled: table(), random: table() };
  for (let draw = 0; draw < draws; draw++) {
    questionReferences(embedded, groups, count, rng.fork(draw), ({ kind, writer, index, distances, mutual }) => {
      pairs[kind].distance.push(FUSIONS[fusion].fuse(distances, mutual));
      pairs[kind].writer.push(writer);
      pairs[kind].questioned.push(index);
    });
  }
  const typed = ({ distance, writer, questioned }: ReturnType<typeof table>) => ({
    distance: Float64Array.from(distance),
    writer: Uint32Array.from(writer),
    questioned: Uint32Array.from(questioned),
  });
  return { genuine: typed(pairs.genuine), skilled: typed(pairs.skilled), random: typed(pairs.random) };
}
