import { type BatchLabels, isNegativePair, isPositivePair } from './labels.js';
import type { LossResult } from './losses.js';

/**
 * Distances d as another network, or the same one with more views of each image, has them (t):
 *
 *   L = mean over anchors of  sum over kinds k of  mean over the anchor's pairs of k of (d - t)^2
 *
 * where k are positives, own skilled forgeries and other writers: each kind counts the same, however many pairs it has.
 * What is imitated are distances, not embeddings: the two may have other dimensions.
 *
 * @param distances, taught - [N, N]
 * @see Park et al. (2019), Relational Knowledge Distillation, equation 4 (distance-wise), squared in place of Huber's loss
 */
export function distillDistances(distances: Float32Array, taught: Float32Array, labels: BatchLabels): LossResult {
  const n = labels.identity.length;
  const distanceGradient = new Float32Array(n * n);
  let [value, anchors] = [0, 0];
  for (let a = 0; a < n; a++) {
    const kinds: number[][] = [[], [], []];
    for (let j = 0; j < n; j++) {
      if (isPositivePair(labels, a, j)) kinds[0]!.push(a * n + j);
      else if (isNegativePair(labels, a, j)) kinds[labels.forged[j] === 1 ? 1 : 2]!.push(a * n + j);
    }
    if (kinds[0]!.length === 0) continue;
    anchors++;
    for (const pairs of kinds) {
      for (const pair of pairs) {
        const difference = distances[pair]! - taught[pair]!;
        value += difference ** 2 / pairs.length;
        distanceGradient[pair]! += (2 * difference) / pairs.length;
      }
    }
  }
  for (let i = 0; i < distanceGradient.length; i++) distanceGradient[i]! /= Math.max(1, anchors);
  return { value: value / Math.max(1, anchors), distanceGradient, activeShare: 1 };
}
