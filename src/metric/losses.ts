/** Losses on the distance matrix of a batch: value and dL/d(distance). */
import { type BatchLabels, isNegativePair, isPositivePair } from './labels.js';
import type { Triplets } from './miners.js';

export interface LossResult {
  readonly value: number;
  /** dL/d(distances), [N, N]. */
  readonly distanceGradient: Float32Array;
  /** Share of the terms whose loss is not zero; 0 means that nothing was learnt. */
  readonly activeShare: number;
}

/** @param distances - [N, N]; `triplets` from a miner (a loss on pairs ignores them) */
export type Loss = (distances: Float32Array, labels: BatchLabels, triplets: Triplets) => LossResult;

/**
 * L = mean over active triplets of max(0, d_ap - d_an + margin).
 *
 * The mean is over triplets that are not yet satisfied: in a mean over all, a few hard ones drown among thousands of
 * easy ones.
 *
 * @see Schroff et al. (2015), FaceNet, equation 3, with distances not squared
 */
export function tripletMargin(margin: number): Loss {
  return (distances, labels, triplets) => {
    const n = labels.identity.length;
    const distanceGradient = new Float32Array(n * n);
    let sum = 0;
    let active = 0;
    for (let t = 0; t < triplets.length; t += 3) {
      const ap = triplets[t]! * n + triplets[t + 1]!;
      const an = triplets[t]! * n + triplets[t + 2]!;
      const term = distances[ap]! - distances[an]! + margin;
      if (term <= 0) continue;
      sum += term;
      active++;
      distanceGradient[ap]! += 1;
      distanceGradient[an]! -= 1;
    }
    return result(sum, active, triplets.length / 3, Math.max(1, active), distanceGradient);
  };
}

/**
 * L = mean over triplets of log(1 + exp(scale (d_ap - d_an))) / scale: a hinge without a corner, so that satisfied
 * triplets still pull a little. `scale` is 1 in the paper; distances of unit vectors (at most 2) want about 10.
 *
 * @see Hermans et al. (2017), In Defense of the Triplet Loss, section 2 (soft margin)
 */
export function tripletSoftMargin(scale: number): Loss {
  return (distances, labels, triplets) => {
    const n = labels.identity.length;
    const distanceGradient = new Float32Array(n * n);
    let sum = 0;
    let active = 0;
    for (let t = 0; t < triplets.length; t += 3) {
      const ap = triplets[t]! * n + triplets[t + 1]!;
      const an = triplets[t]! * n + triplets[t + 2]!;
      const x = scale * (distances[ap]! - distances[an]!);
      sum += (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))) / scale;
      const slope = 1 / (1 + Math.exp(-x));
      if (slope > 0.01) active++;
      distanceGradient[ap]! += slope;
      distanceGradient[an]! -= slope;
    }
    const count = triplets.length / 3;
    return result(sum, active, count, Math.max(1, count), distanceGradient);
  };
}

/**
 * L = mean over anchors a of  1 / scale * log(1 + sum over a's triplets of exp(scale (d_ap - d_an + margin))).
 *
 * A smooth maximum: an anchor's hardest triplets carry its gradient, which never exceeds 1 in sum, so that no anchor
 * with many violated triplets drowns the others.
 *
 * @see Sohn (2016), Improved Deep Metric Learning with Multi-class N-pair Loss Objective, equation 5, with several
 *   positives (as the co-tuplet loss of Liu et al. 2023 has them) and Euclidean distances
 */
export function tripletLogSumExp(scale: number, margin: number): Loss {
  return (distances, labels, triplets) => {
    const n = labels.identity.length;
    const exponential = (t: number) => {
      const row = triplets[t]! * n;
      return Math.exp(scale * (distances[row + triplets[t + 1]!]! - distances[row + triplets[t + 2]!]! + margin));
    };
    const sums = new Float64Array(n);
    for (let t = 0; t < triplets.length; t += 3) sums[triplets[t]!]! += exponential(t);
    const distanceGradient = new Float32Array(n * n);
    for (let t = 0; t < triplets.length; t += 3) {
      const anchor = triplets[t]!;
      const weight = exponential(t) / (1 + sums[anchor]!);
      distanceGradient[anchor * n + triplets[t + 1]!]! += weight;
      distanceGradient[anchor * n + triplets[t + 2]!]! -= weight;
    }
    const anchors = sums.filter((sum) => sum > 0);
    const value = anchors.reduce((total, sum) => total + Math.log1p(sum) / scale, 0);
    const active = anchors.filter((sum) => sum > 1).length;
    return result(value, active, anchors.length, Math.max(1, anchors.length), distanceGradient);
  };
}

/** Distance that every writer's genuine pairs are to stay below and all others above, where rows have norms of about 1. */
const COMMON_DISTANCE = 0.85;

/**
 * Genuine pairs against forgeries and against other writers apart, each anchor's pairs against each other and against
 * one distance c for all writers; with S(x) = 1 / scale * log(1 + sum over x of exp(scale x)) and margin m,
 *
 *   L = mean over anchors of  S(d_ap - c + m) + S(c + m - d_af) + S(c + m - d_ao)       (one threshold for everybody)
 *                          +  S(d_ap - d_af + m) + S(d_ap - d_ao + m)                     (the order for each writer)
 *
 * over positives p, own skilled forgeries f and other writers' genuine signatures o. Forgeries, which are nearer, do not
 * drown what other writers teach, and a threshold means the same for each writer and data set.
 *
 * @see Wang et al. (2019), Multi-Similarity Loss, equation 8 (smooth maxima of pairs about a threshold); the triplet part
 *   as in `tripletLogSumExp`
 */
export function multiSimilarity(scale: number, margin: number): Loss {
  return (distances, labels) => {
    const n = labels.identity.length;
    const distanceGradient = new Float32Array(n * n);
    let [value, active, terms, anchors] = [0, 0, 0, 0];
    for (let a = 0; a < n; a++) {
      const positives: number[] = [];
      const negatives = { forged: [] as number[], others: [] as number[] };
      for (let j = 0; j < n; j++) {
        if (isPositivePair(labels, a, j)) positives.push(a * n + j);
        else if (isNegativePair(labels, a, j)) negatives[labels.forged[j] === 1 ? 'forged' : 'others'].push(a * n + j);
      }
      if (positives.length === 0) continue;
      anchors++;
      const weigh = (pairs: readonly number[], sign: 1 | -1) => {
        const weights = pairs.map((pair) => Math.exp(scale * sign * (distances[pair]! - COMMON_DISTANCE)));
        return { pairs, sign, weights, sum: weights.reduce((total, weight) => total + weight, 0) };
      };
      const near = weigh(positives, 1);
      const lift = Math.exp(scale * margin);
      /** Adds S of the product of the groups' sums, and its slope to each of their pairs. */
      const add = (...groups: ReturnType<typeof weigh>[]) => {
        const sum = groups.reduce((product, group) => product * group.sum, lift);
        value += Math.log1p(sum) / scale;
        terms++;
        if (sum > 1) active++;
        for (const { pairs, sign, weights, sum: own } of groups) {
          const slope = (sign * sum) / (1 + sum) / own;
          pairs.forEach((pair, i) => {
            distanceGradient[pair]! += slope * weights[i]!;
          });
        }
      };
      add(near);
      for (const pairs of [negatives.forged, negatives.others]) {
        if (pairs.length === 0) continue;
        const far = weigh(pairs, -1);
        add(far);
        add(near, far);
      }
    }
    return result(value, active, terms, Math.max(1, anchors), distanceGradient);
  };
}

/**
 * L = mean over pairs of  d^2 for positive,  max(0, margin - d)^2 for negative pairs (each kind has half the weight),
 * over ordered pairs whose first signature is genuine: two genuine ones are met from both sides, a forgery from one.
 *
 * @see Hadsell, Chopra and LeCun (2006), Dimensionality Reduction by Learning an Invariant Mapping, equation 4
 */
export function contrastive(margin: number): Loss {
  return (distances, labels) => {
    const n = labels.identity.length;
    const distanceGradient = new Float32Array(n * n);
    const kinds = [
      { pairs: [] as number[], term: (d: number) => d * d, slope: (d: number) => 2 * d },
      {
        pairs: [] as number[],
        term: (d: number) => Math.max(0, margin - d) ** 2,
        slope: (d: number) => -2 * Math.max(0, margin - d),
      },
    ];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (isPositivePair(labels, i, j)) kinds[0]!.pairs.push(i * n + j);
        else if (isNegativePair(labels, i, j)) kinds[1]!.pairs.push(i * n + j);
      }
    }
    let sum = 0;
    let active = 0;
    let count = 0;
    for (const { pairs, term, slope } of kinds) {
      for (const pair of pairs) {
        const loss = term(distances[pair]!);
        sum += loss / (2 * pairs.length);
        if (loss > 0) active++;
        distanceGradient[pair]! += slope(distances[pair]!) / (2 * pairs.length);
      }
      count += pairs.length;
    }
    return result(sum, active, count, 1, distanceGradient);
  };
}

function result(sum: number, active: number, count: number, divisor: number, gradient: Float32Array): LossResult {
  for (let i = 0; i < gradient.length; i++) gradient[i]! /= divisor;
  return { value: sum / divisor, distanceGradient: gradient, activeShare: count === 0 ? 0 : active / count };
}
