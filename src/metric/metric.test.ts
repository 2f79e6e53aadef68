/** Losses, miners and their gradients, recomputed by naive loops and central differences. */
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { Sample } from '../data/dataset.js';
import { backpropagateDistances, euclideanDistances, ROW_DISTANCES } from './distances.js';
import { distillDistances } from './distillation.js';
import type { BatchLabels } from './labels.js';
import {
  contrastive,
  type Loss,
  multiSimilarity,
  tripletLogSumExp,
  tripletMargin,
  tripletSoftMargin,
} from './losses.js';
import { allTriplets, batchHard, semiHard, type Triplets } from './miners.js';
import { createSampler, type SampleOfSet } from './sampler.js';

const D = 4;
const labels: BatchLabels = {
  identity: Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1),
  forged: Uint8Array.of(0, 0, 1, 1, 0, 0, 0, 1),
};
const embeddings = (seed: number) => {
  const rng = new Rng(seed);
  return Float32Array.from({ length: 8 * D }, () => rng.normal(0, 0.5));
};
const rows = (triplets: Triplets) =>
  Array.from(
    { length: triplets.length / 3 },
    (_, t) => [...triplets.slice(3 * t, 3 * t + 3)] as [number, number, number],
  );

/** All triplets by the definition, without the code under test. */
const naiveTriplets = () => {
  const found: [number, number, number][] = [];
  for (let a = 0; a < 8; a++) {
    for (let p = 0; p < 8; p++) {
      for (let n = 0; n < 8; n++) {
        const genuine =
          labels.forged[a] === 0 && labels.forged[p] === 0 && a !== p && labels.identity[a] === labels.identity[p];
        const ownForgery = labels.identity[n] === labels.identity[a] && labels.forged[n] === 1;
        const otherGenuine = labels.identity[n] !== labels.identity[a] && labels.forged[n] === 0;
        if (genuine && (ownForgery || otherGenuine)) found.push([a, p, n]);
      }
    }
  }
  return found;
};

describe('distances', () => {
  it('are Euclidean, symmetric, with a zero diagonal', () => {
    const distances = euclideanDistances(Float32Array.of(0, 0, 3, 4, 0, 8), 2);
    expect([...distances]).toEqual([0, 5, 8, 5, 0, 5, 8, 5, 0]);
  });
});

describe('miners', () => {
  const distances = euclideanDistances(embeddings(1), D);

  it('all: every anchor, positive and negative of the batch', () => {
    expect(rows(allTriplets(distances, labels))).toEqual(naiveTriplets());
  });

  it('semi-hard: negatives behind the positive but within the margin', () => {
    const expected = naiveTriplets().filter(([a, p, n]) => {
      const [ap, an] = [distances[a * 8 + p]!, distances[a * 8 + n]!];
      return ap < an && an < ap + 0.4;
    });
    expect(expected.length).toBeGreaterThan(0);
    expect(rows(semiHard(0.4)(distances, labels))).toEqual(expected);
  });

  it('batch-hard: farthest positive and nearest negative of each anchor', () => {
    const mined = rows(batchHard(distances, labels));
    expect(mined.map(([anchor]) => anchor)).toEqual([0, 1, 4, 5, 6]);
    for (const [a, p, n] of mined) {
      const own = naiveTriplets().filter(([anchor]) => anchor === a);
      expect(distances[a * 8 + p]).toBe(Math.max(...own.map(([, positive]) => distances[a * 8 + positive]!)));
      expect(distances[a * 8 + n]).toBe(Math.min(...own.map(([, , negative]) => distances[a * 8 + negative]!)));
    }
  });
});

describe('losses', () => {
  const positivePairs = [
    [0, 1],
    [4, 5],
    [4, 6],
    [5, 6],
  ];

  it('triplet margin: mean of the violated hinges', () => {
    const distances = euclideanDistances(embeddings(2), D);
    const terms = naiveTriplets().map(([a, p, n]) => distances[a * 8 + p]! - distances[a * 8 + n]! + 0.5);
    const active = terms.filter((term) => term > 0);
    const { value, activeShare } = tripletMargin(0.5)(distances, labels, allTriplets(distances, labels));
    expect(value).toBeCloseTo(active.reduce((sum, term) => sum + term, 0) / active.length, 5);
    expect(activeShare).toBeCloseTo(active.length / terms.length, 6);
  });

  it('soft margin: mean softplus', () => {
    const distances = euclideanDistances(embeddings(3), D);
    const terms = naiveTriplets().map(
      ([a, p, n]) => Math.log(1 + Math.exp(4 * (distances[a * 8 + p]! - distances[a * 8 + n]!))) / 4,
    );
    const { value } = tripletSoftMargin(4)(distances, labels, allTriplets(distances, labels));
    expect(value).toBeCloseTo(terms.reduce((sum, term) => sum + term, 0) / terms.length, 5);
  });

  it('log-sum-exp: a smooth maximum over the triplets of each anchor', () => {
    const distances = euclideanDistances(embeddings(6), D);
    const perAnchor = [0, 1, 4, 5, 6].map((anchor) => {
      const own = naiveTriplets().filter(([a]) => a === anchor);
      const sum = own.reduce(
        (total, [a, p, n]) => total + Math.exp(6 * (distances[a * 8 + p]! - distances[a * 8 + n]! + 0.2)),
        0,
      );
      return Math.log(1 + sum) / 6;
    });
    const { value } = tripletLogSumExp(6, 0.2)(distances, labels, allTriplets(distances, labels));
    expect(value).toBeCloseTo(perAnchor.reduce((total, term) => total + term, 0) / 5, 5);
  });

  it('multi-similarity: smooth maxima of pairs about one distance, and of triplets, forgeries and other writers apart', () => {
    const distances = euclideanDistances(embeddings(7), D);
    const smooth = (terms: number[]) => Math.log(1 + terms.reduce((sum, x) => sum + Math.exp(6 * x), 0)) / 6;
    let expected = 0;
    for (const anchor of [0, 1, 4, 5, 6]) {
      const own = naiveTriplets().filter(([a]) => a === anchor);
      const d = (j: number) => distances[anchor * 8 + j]!;
      const unique = (rows: number[]) => [...new Set(rows)];
      expected += smooth(unique(own.map(([, p]) => p)).map((p) => d(p) - 0.85 + 0.2));
      for (const forged of [1, 0]) {
        const triplets = own.filter(([, , n]) => labels.forged[n] === forged);
        if (triplets.length === 0) continue;
        expected += smooth(unique(triplets.map(([, , n]) => n)).map((n) => 0.85 + 0.2 - d(n)));
        expected += smooth(triplets.map(([, p, n]) => d(p) - d(n) + 0.2));
      }
    }
    const { value } = multiSimilarity(6, 0.2)(distances, labels, new Int32Array());
    expect(value).toBeCloseTo(expected / 5, 5);
  });

  it('contrastive: squares of positive distances and of what negatives lack to the margin', () => {
    const distances = euclideanDistances(embeddings(4), D);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const positives = positivePairs.map(([i, j]) => distances[i! * 8 + j!]! ** 2);
    const negatives: number[] = [];
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 8; j++) {
        if (labels.forged[i] === 1) continue;
        const own = labels.identity[i] === labels.identity[j];
        if (own ? labels.forged[j] === 1 : labels.forged[j] === 0) {
          negatives.push(Math.max(0, 1.5 - distances[i * 8 + j]!) ** 2);
        }
      }
    }
    const { value } = contrastive(1.5)(distances, labels, new Int32Array());
    expect(value).toBeCloseTo(mean(positives) / 2 + mean(negatives) / 2, 5);
  });

  it('distillation: squares of what distances differ from those taught, each kind of pair the same weight', () => {
    const [distances, taught] = [euclideanDistances(embeddings(3), D), euclideanDistances(embeddings(8), D)];
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const ofAnchor = (a: number) => {
      const square = (j: number) => (distances[a * 8 + j]! - taught[a * 8 + j]!) ** 2;
      const all = [...Array(8).keys()].filter((j) => j !== a);
      const same = (j: number) => labels.identity[j] === labels.identity[a];
      return [
        all.filter((j) => same(j) && labels.forged[j] === 0),
        all.filter((j) => same(j) && labels.forged[j] === 1),
        all.filter((j) => !same(j) && labels.forged[j] === 0),
      ].reduce((sum, pairs) => sum + mean(pairs.map(square)), 0);
    };
    const anchors = [0, 1, 4, 5, 6];
    expect(distillDistances(distances, taught, labels).value).toBeCloseTo(mean(anchors.map(ofAnchor)), 5);
    expect(distillDistances(distances, distances, labels).value).toBe(0);
  });

  it('are zero with no gradient where everything is far apart', () => {
    const far = Float32Array.from(
      { length: 8 * D },
      (_, i) => (labels.forged[Math.floor(i / D)] ? -1 : 1) * 50 * labels.identity[Math.floor(i / D)]!,
    );
    far.fill(25, 2 * D, 4 * D);
    const distances = euclideanDistances(far, D);
    const { value, distanceGradient, activeShare } = tripletMargin(0.2)(
      distances,
      labels,
      allTriplets(distances, labels),
    );
    expect(value).toBe(0);
    expect(activeShare).toBe(0);
    expect(distanceGradient.every((slope) => slope === 0)).toBe(true);
  });

  it.each<[string, Loss]>([
    ['triplet margin', tripletMargin(0.6)],
    ['soft margin', tripletSoftMargin(5)],
    ['log-sum-exp', tripletLogSumExp(6, 0.2)],
    ['multi-similarity', multiSimilarity(6, 0.2)],
    ['contrastive', contrastive(1.4)],
    ['distillation', (distances) => distillDistances(distances, euclideanDistances(embeddings(8), D), labels)],
  ])('%s: gradient on the embeddings equals central differences', (_name, loss) => {
    const base = Float64Array.from(embeddings(5));
    const run = (values: Float64Array) => {
      const e = Float32Array.from(values);
      const distances = euclideanDistances(e, D);
      return { e, distances, ...loss(distances, labels, allTriplets(distances, labels)) };
    };
    const { e, distances, distanceGradient } = run(base);
    const gradient = backpropagateDistances(e, D, distances, distanceGradient);
    for (let i = 0; i < base.length; i++) {
      const moved = (shift: number) => run(base.map((value, k) => (k === i ? value + shift : value))).value;
      expect(gradient[i]).toBeCloseTo((moved(1e-3) - moved(-1e-3)) / 2e-3, 2);
    }
  });
});

describe('sampler', () => {
  const samples: SampleOfSet[] = [];
  for (const identity of ['a', 'b', 'c', 'd', 'lonely']) {
    const add = (kind: Sample['kind'], count: number) => {
      for (let i = 0; i < count; i++) {
        const id = `${identity}/${kind}/${i}`;
        samples.push({ id, writer: identity, identity, kind, path: id, dataset: 'a set', text: '' });
      }
    };
    add('genuine', identity === 'lonely' ? 1 : 6);
    add('forged', identity === 'd' ? 0 : 5);
  }

  it('draws P identities x (genuine + forged), each signature once', () => {
    const { indices, labels } = createSampler(samples, { identities: 3, genuine: 2, forged: 2 })(new Rng(1));
    expect(indices).toHaveLength(12);
    expect(new Set(indices).size).toBe(12);
    indices.forEach((index, row) => {
      expect(samples[index]!.kind).toBe(labels.forged[row] === 1 ? 'forged' : 'genuine');
      const sameIdentity = indices.filter((_, other) => labels.identity[other] === labels.identity[row]);
      expect(new Set(sameIdentity.map((i) => samples[i]!.identity)).size).toBe(1);
      expect(samples[index]!.identity).not.toBe('lonely');
    });
  });

  it('keeps to one data set, and to one text where others write the same', () => {
    const sets: SampleOfSet[] = [];
    for (let i = 0; i < 400; i++) {
      const [dataset, writer, text] = [i < 200 ? 'x' : 'y', `${Math.floor(i / 20) % 10}`, `${Math.floor(i / 4) % 5}`];
      const identity = `${dataset}/${writer}/${text}`;
      sets.push({
        id: `${i}`,
        writer,
        identity,
        kind: 'genuine',
        path: '',
        dataset,
        text: dataset === 'x' ? text : '',
      });
    }
    const draw = createSampler(sets, { identities: 4, genuine: 3, forged: 3 });
    const seen = new Map<string, number>();
    let sameText = 0;
    for (let seed = 0; seed < 100; seed++) {
      const drawn = draw(new Rng(seed)).indices.map((index) => sets[index]!);
      expect(drawn).toHaveLength(24); // identities of four signatures: six of them instead of four
      const [set, ...others] = new Set(drawn.map(({ dataset }) => dataset));
      expect(others).toEqual([]);
      seen.set(set!, (seen.get(set!) ?? 0) + 1);
      if (set === 'x' && new Set(drawn.map(({ text }) => text)).size === 1) sameText++;
    }
    expect(Math.min(seen.get('x')!, seen.get('y')!)).toBeGreaterThan(30);
    expect(sameText / seen.get('x')!).toBeGreaterThan(0.6);
    expect(sameText).toBeLessThan(seen.get('x')!);
  });

  it('draws data sets by their shares, otherwise by the square root of their writers', () => {
    const sets: SampleOfSet[] = [...Array(40).keys()].map((i) => {
      const [dataset, writer] = [i < 32 ? 'large' : 'small', `${Math.floor(i / 2)}`]; // 16 and 4 writers
      return { id: `${i}`, writer, identity: writer, kind: 'genuine', path: '', dataset, text: '' };
    });
    const largeShare = (setShares?: Record<string, number>) => {
      const draw = createSampler(sets, { identities: 2, genuine: 2, forged: 0, ...(setShares && { setShares }) });
      const drawn = [...Array(600).keys()].map((seed) => sets[draw(new Rng(seed)).indices[0]!]!.dataset);
      return drawn.filter((dataset) => dataset === 'large').length / 600;
    };
    expect(Math.abs(largeShare() - 4 / 6)).toBeLessThan(0.06);
    expect(Math.abs(largeShare({ large: 1, small: 3 }) - 1 / 4)).toBeLessThan(0.06);
    expect(largeShare({ small: 0 })).toBe(1);
    for (const wrong of [
      { large: 1, smal: 3 },
      { large: 0, small: 0 },
    ]) {
      expect(() => largeShare(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });

  it('gives an identity without forgeries more genuine ones', () => {
    const { indices } = createSampler(samples, { identities: 9, genuine: 2, forged: 3 })(new Rng(2));
    const kinds = indices.map((index) => samples[index]!).filter(({ identity }) => identity === 'd');
    expect(kinds.map(({ kind }) => kind)).toEqual(Array(5).fill('genuine'));
  });

  it('has genuine signatures imitated in the place of forgeries, also where there are none', () => {
    const shape = { identities: 4, genuine: 2, forged: 3 };
    const draw = createSampler(samples, { ...shape, imitated: 0.5 });
    const made = new Map<string, number>();
    let forgeries = 0;
    for (let seed = 0; seed < 200; seed++) {
      const { indices, labels, imitated } = draw(new Rng(seed));
      expect(indices).toHaveLength(20);
      indices.forEach((index, row) => {
        const { kind, identity } = samples[index]!;
        expect(kind).toBe(labels.forged[row] === 1 && imitated[row] === 0 ? 'forged' : 'genuine');
        if (imitated[row] === 1) {
          expect(labels.forged[row]).toBe(1);
          made.set(identity, (made.get(identity) ?? 0) + 1);
        }
        forgeries += labels.forged[row]!;
      });
    }
    // 3 of each of 4 identities, half of them made; the one without forgeries has the made ones alone.
    expect([...made.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
    for (const number of made.values()) expect(Math.abs(number / 200 - 1.5)).toBeLessThan(0.3);
    expect(Math.abs(forgeries / 200 - (3 * 3 + 1.5))).toBeLessThan(0.3);
    // As they were drawn before there were imitations: runs of then can be repeated.
    const before = [25, 22, 28, 30, 31, 34, 36, 33, 38, 37, 11, 16, 21, 17, 20, 1, 2, 6, 10, 8];
    const none = createSampler(samples, { ...shape, imitated: 0 })(new Rng(3));
    expect(none.indices).toEqual(before);
    expect(createSampler(samples, shape)(new Rng(3)).indices).toEqual(before);
    expect([...none.imitated]).toEqual(Array(20).fill(0));
  });

  it('has identities go on as others of their set, genuine as genuine and forged as forged', () => {
    const shape = { identities: 4, genuine: 2, forged: 3 };
    const draw = createSampler(samples, { ...shape, spliced: 0.5 });
    let identities = 0;
    let spliced = 0;
    for (let seed = 0; seed < 200; seed++) {
      const { indices, labels, continuations } = draw(new Rng(seed));
      for (const number of new Set(labels.identity)) {
        const rows = indices.map((_, row) => row).filter((row) => labels.identity[row] === number);
        const all = rows.map((row) => continuations[row]);
        const made = all.filter((one) => one !== undefined);
        identities++;
        if (made.length === 0) continue;
        spliced++;
        expect(made).toHaveLength(rows.length);
        expect(new Set(made.map(({ share }) => share)).size).toBe(1);
        expect(made[0]!.share).toBeGreaterThanOrEqual(0.3);
        expect(made[0]!.share).toBeLessThanOrEqual(0.7);
        const [other, ...more] = new Set(made.map(({ index }) => samples[index]!.identity));
        expect(more).toEqual([]);
        expect(other).not.toBe(samples[indices[rows[0]!]!]!.identity);
        const hasForgeries = samples.some(({ identity, kind }) => identity === other && kind === 'forged');
        made.forEach(({ index }, i) => {
          const { kind } = samples[indices[rows[i]!]!]!;
          expect(samples[index]!.kind).toBe(hasForgeries ? kind : 'genuine');
        });
        const genuine = made.filter((_, i) => samples[indices[rows[i]!]!]!.kind === 'genuine');
        expect(new Set(genuine.map(({ index }) => index)).size).toBe(genuine.length); // none twice
      }
    }
    expect(Math.abs(spliced / identities - 0.5)).toBeLessThan(0.06);
    const none = createSampler(samples, shape)(new Rng(3));
    expect(createSampler(samples, { ...shape, spliced: 0 })(new Rng(3))).toEqual(none); // runs of before can be repeated
    const texts = samples.map((sample) => ({ ...sample, text: 'the same for all' }));
    const written = createSampler(texts, { ...shape, spliced: 1 })(new Rng(3));
    expect(written.continuations.filter((one) => one !== undefined)).toEqual([]); // a text stays whole
  });

  it('keeps the identities of two writers apart who call theirs the same', () => {
    const form = (writer: string): SampleOfSet[] =>
      [...Array(4).keys()].map((i) => {
        const [id, kind] = [`${writer} ${i}`, i < 2 ? ('genuine' as const) : ('forged' as const)];
        return { id, writer, identity: 'short form', kind, path: '', dataset: 'bank', text: '' };
      });
    const two = [...form('anna'), ...form('bert')];
    const { indices, labels } = createSampler(two, { identities: 2, genuine: 2, forged: 2 })(new Rng(1));
    expect(new Set(labels.identity).size).toBe(2);
    for (const number of labels.identity) {
      const of = indices.filter((_, row) => labels.identity[row] === number).map((index) => two[index]!.writer);
      expect(new Set(of).size).toBe(1);
    }
  });

  it('draws the same batch for the same rng', () => {
    const sampler = createSampler(samples, { identities: 2, genuine: 2, forged: 1 });
    expect(sampler(new Rng(5).fork(3)).indices).toEqual(sampler(new Rng(5).fork(3)).indices);
  });
});

describe('distances of two rows', () => {
  const [a, b] = [Float32Array.of(9, 9, 3, 4), Float32Array.of(4, 3)]; // row 1 of the first against row 0 of the second
  it.each([
    ['euclidean', Math.SQRT2],
    ['squared-euclidean', 2],
    ['manhattan', 2],
    ['cosine', 1 - 24 / 25],
  ] as const)('%s', (name, expected) => {
    expect(ROW_DISTANCES[name](a, 1, b, 0, 2)).toBeCloseTo(expected, 12);
    expect(ROW_DISTANCES[name](a, 1, a, 1, 2)).toBe(0);
  });

  it('cosine: of opposite rows 2; of a row of zeros not a number', () => {
    expect(ROW_DISTANCES.cosine(Float32Array.of(1, 1), 0, Float32Array.of(-3, -3), 0, 2)).toBeCloseTo(2, 12);
    expect(ROW_DISTANCES.cosine(Float32Array.of(0, 0), 0, Float32Array.of(1, 0), 0, 2)).toBeNaN();
  });
});
