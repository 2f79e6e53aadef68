/** Reference sets drawn at random, and everything that is questioned against them. */
import type { Rng } from '../core/rng.js';
import { ROW_DISTANCES } from '../metric/distances.js';
import { mutualDistances } from '../metric/fusion.js';
import { drawStrangers, type EmbeddedSamples, equalEmbeddings, genuineByWriter, type IdentityGroup } from './pairs.js';

export type QuestionedKind = 'genuine' | 'skilled' | 'random';

export interface QuestionedPair {
  readonly kind: QuestionedKind;
  /** The writer claimed. */
  readonly writer: number;
  /** Of the questioned sample. */
  readonly index: number;
  /** [k], to each reference; infinite where the sample has no embedding. Written over by the next pair. */
  readonly distances: Float64Array;
  /** Between the references. */
  readonly mutual: Float64Array;
}

/**
 * One draw of `count` references for every identity that has more genuine signatures, among those with an embedding.
 * Questioned are all its other genuine signatures (but exact duplicates of a reference), all skilled forgeries, and
 * genuine signatures of strangers (see `drawStrangers`); a genuine one without an embedding too, as one that is rejected.
 */
export function questionReferences(
  embedded: EmbeddedSamples,
  groups: readonly IdentityGroup[],
  count: number,
  rng: Rng,
  visit: (pair: QuestionedPair) => void,
): void {
  const { samples, embeddings, dimension, distance: name = 'euclidean' } = embedded;
  const processed = (index: number) => index < embeddings.length / dimension;
  const between = ROW_DISTANCES[name];
  const distance = (a: number, b: number) => between(embeddings, a, embeddings, b, dimension);
  const genuineOf = genuineByWriter(groups);
  const distances = new Float64Array(count);
  for (const { writer, genuine, forged } of groups) {
    const candidates = genuine.filter(processed);
    if (candidates.length < count || genuine.length === count) continue;
    const draw = rng.fork(samples[genuine[0]!]!.id);
    const references = draw.sample(candidates, count);
    const mutual = mutualDistances(references, distance);
    const question = (kind: QuestionedKind, index: number) => {
      if (kind === 'genuine' && references.some((reference) => equalEmbeddings(embedded, reference, index))) return;
      for (let i = 0; i < count; i++) distances[i] = processed(index) ? distance(references[i]!, index) : Infinity;
      visit({ kind, writer, index, distances, mutual });
    };
    for (const index of genuine) if (!references.includes(index)) question('genuine', index);
    for (const index of forged) if (processed(index)) question('skilled', index);
    for (const index of drawStrangers(samples, genuineOf, genuine[0]!, draw)) {
      if (processed(index)) question('random', index);
    }
  }
}
