import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dataset, Sample } from './dataset.js';
import { type Split, type SplitProtocol, splitByProtocol } from './splits.js';

/** Writers 1 .. n with two genuine signatures each, under two identities; the first `forged` of them also a forgery. */
function makeDataset(writers: number, forged = writers): Dataset {
  const samples: Sample[] = [];
  for (let w = 1; w <= writers; w++) {
    const kinds = w <= forged ? (['genuine', 'genuine', 'forged'] as const) : (['genuine', 'genuine'] as const);
    kinds.forEach((kind, k) => {
      samples.push({ id: `${w}/${k}`, writer: String(w), identity: `${w}/${k % 2}`, kind, path: `/${w}/${k}` });
    });
  }
  return { name: 'cedar', layout: 'plain', root: '/', samples };
}

const writersOf = ({ samples }: Dataset) => [...new Set(samples.map(({ writer }) => writer))];
const shape = ({ development, validation, test }: Split) =>
  [development, validation, test].map((part) => writersOf(part).length);

function expectPartition(dataset: Dataset, split: Split): void {
  const parts = [split.development, split.validation, split.test];
  const writers = parts.flatMap(writersOf);
  expect(new Set(writers).size).toBe(writers.length); // a writer is never in two parts
  expect(parts.flatMap(({ samples }) => samples.map(({ id }) => id)).sort()).toEqual(
    dataset.samples.map(({ id }) => id).sort(),
  );
}

const listed = (...writers: number[]): SplitProtocol => ({ name: 'own', testWriters: { select: 'list', writers } });
const random = (count: number, from: number, seed: number): SplitProtocol => ({
  name: 'cedar/random',
  dataset: 'cedar',
  testWriters: { select: 'random', count, from, seed },
});

describe('splitByProtocol, writers drawn', () => {
  it('puts every sample into one part and no writer into two, the same for the same seed', () => {
    const size = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(size, size, size, fc.nat(), (testWriters, validationWriters, rest, seed) => {
        const writers = testWriters + validationWriters + rest;
        const dataset = makeDataset(writers);
        const split = () =>
          splitByProtocol(dataset, random(testWriters, writers, seed), { validationWriters, seed: seed + 1 });
        expectPartition(dataset, split());
        expect(shape(split())).toEqual([rest, validationWriters, testWriters]);
        expect(split()).toEqual(split());
      }),
    );
  });

  it("draws other writers for another seed of the protocol's, and for no other reason", () => {
    const dataset = makeDataset(40);
    const draw = (seed: number, set = dataset, splitSeed = 1) =>
      writersOf(splitByProtocol(set, random(10, 40, seed), { validationWriters: 5, seed: splitSeed }).test).sort();
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1, dataset, 2)).toEqual(draw(1));
    expect(draw(1, { ...dataset, samples: [...dataset.samples].reverse() })).toEqual(draw(1));
  });

  it('judges by writers with forgeries where there are any, else by any writer', () => {
    const { development, test } = splitByProtocol(makeDataset(9, 4), random(4, 4, 1), {
      validationWriters: 0,
      seed: 1,
    });
    expect(writersOf(test)).toEqual(['1', '2', '3', '4']);
    expect(writersOf(development)).toHaveLength(5);
    const without = splitByProtocol(makeDataset(9, 0), random(4, 9, 1), { validationWriters: 2, seed: 1 });
    expect(shape(without)).toEqual([3, 2, 4]);
  });

  it('refuses a set of another number of writers, which would draw others', () => {
    const split = () => splitByProtocol(makeDataset(9, 4), random(2, 9, 1), { validationWriters: 0, seed: 1 });
    expect(split).toThrow(expect.objectContaining({ code: 'PROTOCOL_MISMATCH' }));
    expect(split).toThrow('draws from 9 writers; cedar (/) has 4');
  });

  it('refuses more writers than there are', () => {
    const draw = (testWriters: number, validationWriters: number) => () =>
      splitByProtocol(makeDataset(9, 4), random(testWriters, 4, 1), { validationWriters, seed: 1 });
    expect(draw(3, 2)).toThrow(expect.objectContaining({ code: 'DATASET_TOO_FEW_WRITERS' }));
    expect(draw(3, 2)).toThrow('but 1 are left');
    expect(draw(3, -1)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(draw(3, 0.5)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('splitByProtocol, all writers or none', () => {
  it('tests all of them, or none', () => {
    const all: SplitProtocol = { name: 'all', testWriters: { select: 'all' } };
    expect(shape(splitByProtocol(makeDataset(5), all, { validationWriters: 0, seed: 1 }))).toEqual([0, 0, 5]);
    expect(shape(splitByProtocol(makeDataset(5), undefined, { validationWriters: 2, seed: 1 }))).toEqual([3, 2, 0]);
  });
});

describe('splitByProtocol, writers listed', () => {
  it('tests the listed writers and draws validation writers with forgeries from the others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 12 })), fc.integer(), (testWriters, seed) => {
        const dataset = makeDataset(20, 16);
        const split = splitByProtocol(dataset, listed(...testWriters), { validationWriters: 4, seed });
        expectPartition(dataset, split);
        expect(writersOf(split.test)).toEqual([...testWriters].sort((a, b) => a - b).map(String));
        expect(writersOf(split.validation)).toHaveLength(4);
        for (const writer of writersOf(split.validation)) expect(Number(writer)).toBeLessThanOrEqual(16);
      }),
    );
  });

  it('finds writer 1 in a folder named 001', () => {
    const dataset = makeDataset(3);
    const padded = dataset.samples.map((sample) => ({ ...sample, writer: sample.writer.padStart(3, '0') }));
    const split = splitByProtocol({ ...dataset, samples: padded }, listed(1), { validationWriters: 1, seed: 1 });
    expect(writersOf(split.test)).toEqual(['001']);
  });

  it('refuses a list of another set, and one whose writers are not there', () => {
    const split = (protocol: SplitProtocol) => () =>
      splitByProtocol(makeDataset(5), protocol, { validationWriters: 1, seed: 1 });
    const mismatch = expect.objectContaining({ code: 'PROTOCOL_MISMATCH' });
    const hindi = { ...listed(1, 2), name: 'bhsig260-hindi/published', dataset: 'bhsig260-hindi' };
    expect(split(hindi)).toThrow(mismatch);
    expect(split(hindi)).toThrow('bhsig260-hindi; cedar came');
    expect(split(listed(2, 7, 9))).toThrow(mismatch);
    expect(split(listed(2, 7, 9))).toThrow('lacks: 7, 9');
  });
});
