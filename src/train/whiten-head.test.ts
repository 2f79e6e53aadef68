import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { WeightTensor } from '../nn/weights.js';
import whiten from './jobs/whiten.js';

const D = 3;
const F = 5;
const IDENTITIES = 40;
const EACH = 30;

const rng = new Rng('whitening');
const normals = (count: number) => Array.from({ length: count }, () => rng.normal());
const weight: WeightTensor = { shape: [D, F], data: Float32Array.from(normals(D * F)) };
const bias: WeightTensor = { shape: [D], data: Float32Array.from(normals(D)) };

/** Embeddings that vary nine times as far in the first direction as in the others; of no norm in particular, which the sums do not ask for. */
const directions = new Float32Array(IDENTITIES * EACH * D);
const groups = Array.from({ length: IDENTITIES }, (_, identity) => {
  const centre = normals(D);
  return Array.from({ length: EACH }, (_, n) => {
    const row = identity * EACH + n;
    directions.set(
      centre.map((value, k) => value + (k === 0 ? 0.9 : 0.1) * rng.normal()),
      row * D,
    );
    return row;
  });
});

const given = { vectors: directions, dimension: D, groups, weight, bias };

/** B, where the head W has become B W: from B W W^T = W' W^T, by Cramer's rule. */
function changeOf(after: WeightTensor): number[][] {
  const product = (a: WeightTensor, b: WeightTensor) =>
    Array.from({ length: D }, (_, i) =>
      Array.from({ length: D }, (_, j) =>
        Array.from({ length: F }, (_, f) => a.data[i * F + f]! * b.data[j * F + f]!).reduce((sum, v) => sum + v, 0),
      ),
    );
  const [gram, cross] = [product(weight, weight), product(after, weight)];
  const determinant = ([a, b, c]: number[][]) =>
    a![0]! * (b![1]! * c![2]! - b![2]! * c![1]!) -
    a![1]! * (b![0]! * c![2]! - b![2]! * c![0]!) +
    a![2]! * (b![0]! * c![1]! - b![1]! * c![0]!);
  return cross.map((row) =>
    gram.map((_, k) => determinant(gram.map((g, i) => (i === k ? row : g))) / determinant(gram)),
  );
}

/** Covariance of all rows around the mean of their group, after B. */
function spread(change: number[][]): number[][] {
  const away = groups.flatMap((rows) => {
    const moved = rows.map((row) =>
      change.map((b) => b.reduce((sum, value, k) => sum + value * directions[row * D + k]!, 0)),
    );
    const mean = change.map((_, k) => moved.reduce((sum, row) => sum + row[k]!, 0) / rows.length);
    return moved.map((row) => row.map((value, k) => value - mean[k]!));
  });
  return change.map((_, i) =>
    change.map((_, j) => away.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / (away.length - groups.length)),
  );
}

describe('the whitening of a head', () => {
  it('makes embeddings of one identity differ as much in every direction', () => {
    const covariance = spread(changeOf(whiten({ ...given, share: 0.999999 }).weight));
    const variance = covariance[0]![0]!;
    covariance.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value / variance).toBeCloseTo(i === j ? 1 : 0, 3);
      });
    });
  });

  it('goes a part of the way, by the share that is asked for', () => {
    // Variances v become v / (share v + (1 - share) mean v): of 0.81, 0.01 and 0.01 in ratio 9.2 to 1 at three quarters.
    const [before, after] = [changeOf(weight), changeOf(whiten({ ...given, share: 0.75 }).weight)].map(spread);
    const variances = before!.map((row, i) => row[i]!);
    const mean = variances.reduce((sum, value) => sum + value, 0) / D;
    const [first, second] = variances.map((value) => value / (0.75 * value + 0.25 * mean));
    expect(after![0]![0]! / after![1]![1]!).toBeCloseTo(first! / second!, 1);
  });

  it('turns bias and weights alike, and keeps the size of the weights', () => {
    const after = whiten({ ...given, share: 0.9 });
    changeOf(after.weight).forEach((row, i) => {
      expect(after.bias.data[i]).toBeCloseTo(
        row.reduce((sum, value, k) => sum + value * bias.data[k]!, 0),
        4,
      );
    });
    expect(Math.hypot(...after.weight.data)).toBeCloseTo(Math.hypot(...weight.data), 4);
  });

  it('leaves a head as it is where nothing differs', () => {
    const still = whiten({ ...given, vectors: new Float32Array(directions.length).fill(0.5), share: 0.9 });
    still.weight.data.forEach((value, i) => {
      expect(value).toBeCloseTo(weight.data[i]!, 5);
    });
  });
});
