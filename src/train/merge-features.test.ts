import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import mergeFeatures from './jobs/merge-features.js';

const F = 5;
const ALL = [0, 1, 2, 3, 4];
const IDENTITIES = 25;
const EACH = 6;
/** As in jobs/merge-features.ts. */
const WHITENING = 0.8;

const rng = new Rng('features');
const normals = (count: number) => Array.from({ length: count }, () => rng.normal());
const times = (matrix: readonly (readonly number[])[], x: readonly number[]) => matrix.map((row) => dot(row, x));
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
const minus = (a: readonly number[], b: readonly number[]) => a.map((value, k) => value - b[k]!);
const mean = (vectors: readonly (readonly number[])[]) =>
  vectors[0]!.map((_, k) => vectors.reduce((sum, vector) => sum + vector[k]! / vectors.length, 0));
const covariance = (vectors: readonly (readonly number[])[]) => {
  const away = vectors.map((vector) => minus(vector, mean(vectors)));
  return away[0]!.map((_, k) => away[0]!.map((_, l) => mean(away.map((row) => [row[k]! * row[l]!]))[0]!));
};

/** Features of unlike sizes and centres, of which the first two vary together. */
const rows: number[][] = [];
const groups = Array.from({ length: IDENTITIES }, () => {
  const centre = normals(F);
  return Array.from({ length: EACH }, () => {
    const along = rng.normal();
    return rows.push(centre.map((c, f) => 10 ** (f / 2 - 1) * (c + 0.3 * rng.normal() + (f < 2 ? along : 0)) + f)) - 1;
  });
});

/** A head of two numbers. */
const HEAD = { weight: [normals(F), normals(F)], bias: normals(2) };
const headOf = (f: readonly number[]) => times(HEAD.weight, f).map((value, k) => value + HEAD.bias[k]!);

/** What comes of it, and what that makes of features. */
function merged(
  wanted: number,
  share: number,
  given: { rows: number[][]; groups: number[][] } = { rows, groups },
  maps: number[][] = [ALL],
) {
  const after = mergeFeatures({
    ...{ features: Float32Array.from(given.rows.flat()), count: F, maps, groups: given.groups, share, wanted, seed: 1 },
    weight: { shape: [2, F], data: Float32Array.from(HEAD.weight.flat()) },
    bias: { shape: [2], data: Float32Array.from(HEAD.bias) },
  });
  const matrix = Array.from({ length: wanted }, (_, k) => [...after.weight.data.slice(k * F, (k + 1) * F)]);
  return { after, embed: (f: readonly number[]) => times(matrix, f).map((value, k) => value + after.bias.data[k]!) };
}

/** Squared distances of whitened features of a map, which their factor is not needed for: differences d of standardised ones, d^T M^-1 d. */
function whitened(map: readonly number[]): (a: readonly number[], b: readonly number[]) => number {
  const of = (vector: readonly number[]) => map.map((f) => vector[f]!);
  const own = rows.map(of);
  const middle = mean(own);
  const deviation = covariance(own).map((row, f) => Math.sqrt(row[f]!));
  const standard = own.map((row) => minus(row, middle).map((value, f) => value / deviation[f]!));
  const within = groups.flatMap((group) => {
    const members = group.map((row) => standard[row]!);
    return members.map((row) => minus(row, mean(members)).map((value) => value * Math.sqrt(EACH / (EACH - 1))));
  });
  const both = covariance(within).map((row, k) => row.map((value, l) => value + covariance(standard)[k]![l]!));
  const trace = both.reduce((sum, row, k) => sum + row[k]!, 0);
  const blend = both.map((row, k) =>
    row.map((value, l) => (WHITENING * map.length * value) / trace + (k === l ? 1 - WHITENING : 0)),
  );
  return (a, b) => {
    const d = minus(of(a), of(b)).map((value, f) => value / deviation[f]!);
    return dot(d, solve(blend, d));
  };
}

/** By Gauss and Jordan. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const m = matrix.map((row, k) => [...row, right[k]!]);
  m.forEach((pivot, k) => {
    m.forEach((row, i) => {
      if (i === k) return;
      const factor = row[k]! / pivot[k]!;
      pivot.forEach((value, l) => {
        row[l]! -= factor * value;
      });
    });
  });
  return m.map((row, k) => row[right.length]! / row[k]!);
}

const squared = (a: readonly number[], b: readonly number[]) => dot(minus(a, b), minus(a, b));

describe('features beside the head', () => {
  it.each([
    ['one map', [ALL]],
    [
      'two maps, alike, features of one not beside each other',
      [
        [0, 1, 4],
        [2, 3],
      ],
    ],
  ])(
    'gives squared distances of the head and of whitened features of %s by their shares, where it takes as many numbers as there are',
    (_, maps) => {
      const share = 0.7;
      const { embed } = merged(F, share, undefined, maps);
      const middle = mean(rows);
      const headNorm = mean(rows.map((row) => [Math.hypot(...headOf(row))]))[0]!;
      const whiteMaps = maps.map((map) => {
        const x = whitened(map);
        return { x, norm: mean(rows.map((row) => [Math.sqrt(x(row, middle))]))[0]! };
      });
      for (let n = 0; n < 30; n++) {
        const [a, b] = [rows[rng.int(rows.length)]!, rows[rng.int(rows.length)]!];
        const ofMaps = whiteMaps.map(({ x, norm }) => ((share / maps.length) * x(a, b)) / norm ** 2);
        const ofHead = ((1 - share) * squared(headOf(a), headOf(b))) / headNorm ** 2;
        const expected = ofMaps.reduce((sum, part) => sum + part, ofHead);
        expect(squared(embed(a), embed(b)) / (expected || 1)).toBeCloseTo(a === b ? 0 : 1, 3);
      }
    },
  );

  it('keeps the directions in which both together vary most, in their order', () => {
    const variances = (wanted: number) => {
      const spread = covariance(rows.map(merged(wanted, 0.5).embed));
      spread.forEach((row, k) => {
        row.forEach((value, l) => {
          if (k !== l) expect(Math.abs(value) / Math.sqrt(row[k]! * spread[l]![l]!)).toBeLessThan(0.1);
        });
      });
      return spread.map((row, k) => row[k]!);
    };
    const all = variances(F);
    // Those of about the same variance come in any order.
    for (let k = 1; k < F; k++) expect(all[k]).toBeLessThan(1.15 * all[k - 1]!);
    const two = variances(2);
    expect((two[0]! + two[1]!) / (all[0]! + all[1]!)).toBeCloseTo(1, 2);
  });

  it('takes nothing of a map that is the same in all images', () => {
    const dead = { rows: rows.map((row) => [...row.slice(0, F - 1), 7]), groups };
    const { after, embed } = merged(3, 0.5, dead, [[0, 1, 2, 3], [4]]);
    for (const value of [...after.weight.data, ...after.bias.data]) expect(Number.isFinite(value)).toBe(true);
    expect(Math.hypot(...embed(dead.rows[0]!))).toBeGreaterThan(0);
  });

  it('is of numbers where a feature is the same in all images, and these are fewer than directions', () => {
    const few = {
      rows: rows.slice(0, 4).map((row) => [...row.slice(0, F - 1), 7]),
      groups: [
        [0, 1],
        [2, 3],
      ],
    };
    const { after, embed } = merged(4, 0.9, few);
    for (const value of [...after.weight.data, ...after.bias.data]) expect(Number.isFinite(value)).toBe(true);
    for (const row of few.rows) expect(embed(row)[3]).toBe(0); // four images lie in three directions
  });
});
