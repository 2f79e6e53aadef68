/**
 * Which triplets of a batch a loss sees. Anchor and positive are genuine signatures of one identity; the negative is a
 * skilled forgery of it or another identity's genuine signature.
 */
import { type BatchLabels, isNegativePair, isPositivePair } from './labels.js';

/** Row numbers of anchor, positive and negative, three a triplet. */
export type Triplets = Int32Array;

/** @param distances - [N, N] */
export type Miner = (distances: Float32Array, labels: BatchLabels) => Triplets;

/** Every triplet of the batch. */
export const allTriplets: Miner = (_distances, labels) => select(labels, () => true);

/**
 * Negatives that lie behind the positive, yet within the margin: d_ap < d_an < d_ap + margin.
 *
 * @see Schroff et al. (2015), FaceNet, section 3.2
 */
export function semiHard(margin: number): Miner {
  return (distances, labels) =>
    select(labels, (ap, an) => distances[an]! > distances[ap]! && distances[an]! < distances[ap]! + margin);
}

/**
 * For each anchor its farthest positive and its nearest negative.
 *
 * @see Hermans et al. (2017), In Defense of the Triplet Loss, equation 5
 */
export const batchHard: Miner = (distances, labels) => {
  const n = labels.identity.length;
  const triplets: number[] = [];
  for (let anchor = 0; anchor < n; anchor++) {
    let positive = -1;
    let negative = -1;
    for (let other = 0; other < n; other++) {
      const distance = distances[anchor * n + other]!;
      if (isPositivePair(labels, anchor, other)) {
        if (positive < 0 || distance > distances[anchor * n + positive]!) positive = other;
      } else if (isNegativePair(labels, anchor, other)) {
        if (negative < 0 || distance < distances[anchor * n + negative]!) negative = other;
      }
    }
    if (positive >= 0 && negative >= 0) triplets.push(anchor, positive, negative);
  }
  return Int32Array.from(triplets);
};

/** Triplets whose places in the distance matrix, anchor-positive and anchor-negative, pass the test. */
function select(labels: BatchLabels, passes: (ap: number, an: number) => boolean): Triplets {
  const n = labels.identity.length;
  const triplets: number[] = [];
  for (let anchor = 0; anchor < n; anchor++) {
    for (let positive = 0; positive < n; positive++) {
      if (!isPositivePair(labels, anchor, positive)) continue;
      for (let negative = 0; negative < n; negative++) {
        if (!isNegativePair(labels, anchor, negative)) continue;
        if (passes(anchor * n + positive, anchor * n + negative)) triplets.push(anchor, positive, negative);
      }
    }
  }
  return Int32Array.from(triplets);
}
