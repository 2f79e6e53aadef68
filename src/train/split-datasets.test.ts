import { describe, expect, it } from 'vitest';
import type { Dataset, Sample } from '../data/dataset.js';
import { ALL_WRITERS, findProtocol } from '../data/find-protocol.js';
import type { Protocol } from '../data/protocol.js';
import { splitDatasets } from './split-datasets.js';

/** Writers 1 .. count with two genuine signatures and a forgery each. */
function dataset(name: string, count: number): Dataset {
  const samples = Array.from({ length: count }, (_, i) => String(i + 1)).flatMap((writer) =>
    (['genuine', 'genuine', 'forged'] as const).map(
      (kind, k): Sample => ({ id: `${writer}/${k}`, writer, identity: writer, kind, path: `/${name}/${writer}/${k}` }),
    ),
  );
  return { name, layout: 'plain', root: `/data/${name}`, samples };
}
const writersOf = (samples: readonly Sample[]) => new Set(samples.map(({ writer }) => writer));
const config = { validationWriters: 2, validationSeed: 1, leaveOut: [] };

describe('splitDatasets', () => {
  it('takes writers of different sets for different people, and no writer into two parts', () => {
    const { development, validation, test } = splitDatasets([dataset('a', 6), dataset('b', 9)], [], config);
    expect([...writersOf(development)].filter((writer) => writer.startsWith('a/'))).toHaveLength(4);
    expect(writersOf(development).size).toBe(11);
    expect(writersOf(validation).size).toBe(4);
    expect(test).toEqual([]);
    expect(new Set([...writersOf(development), ...writersOf(validation)]).size).toBe(15);
    expect(development[0]!.id).toBe(`${development[0]!.writer}/0`);
  });

  it('keeps the test writers of a protocol out', () => {
    const protocols = [findProtocol('cedar/published')];
    const { development, validation, test } = splitDatasets([dataset('cedar', 55)], protocols, config);
    expect([...writersOf(test)]).toEqual([11, 16, 40, 48, 51].map((writer) => `cedar/${writer}`));
    for (const writer of writersOf(test)) {
      expect(writersOf([...development, ...validation]).has(writer)).toBe(false);
    }
  });

  const [published, first] = [findProtocol('cedar/published'), findProtocol('cedar/first-n')];

  it('keeps no writer of a set without a list for a test', () => {
    const sets = [dataset('cedar', 55), dataset('synthetic', 9)];
    const { development, validation, test } = splitDatasets(sets, [published], config);
    expect([...writersOf(test)].filter((writer) => !writer.startsWith('cedar/'))).toEqual([]);
    const synthetic = [...development, ...validation].filter(({ dataset: name }) => name === 'synthetic');
    expect(writersOf(synthetic).size).toBe(9);
  });

  it('holds out no more than a third of a set that has few forged writers', () => {
    const { samples, ...set } = dataset('cedar', 55);
    const forgedWriters = new Set(['1', '2', '3', '4', '5', '6', '11', '16', '40', '48', '51']);
    const few = {
      ...set,
      samples: samples.filter(({ kind, writer }) => kind === 'genuine' || forgedWriters.has(writer)),
    };
    const options = { validationWriters: 5, validationSeed: 1, leaveOut: [] };
    const { validation } = splitDatasets([few, dataset('small', 7)], [published], options);
    const held = validation.filter(({ dataset: name }) => name === 'cedar');
    expect(writersOf(held).size).toBe(2); // of 6 that are not tested
    expect(writersOf(validation).size).toBe(4);
    expect(writersOf(splitDatasets([few], [published], options).validation).size).toBe(5); // alone: as asked
    expect(held.some(({ kind }) => kind === 'forged')).toBe(true);
  });

  it('learns nothing from a set that is left out, and measures all its writers that are not tested', () => {
    const sets = [dataset('cedar', 55), dataset('a', 9)];
    const { development, validation, test } = splitDatasets(sets, [published], { ...config, leaveOut: ['cedar'] });
    const ofCedar = (samples: readonly Sample[]) =>
      writersOf(samples.filter(({ writer }) => writer.startsWith('cedar/'))).size;
    expect([ofCedar(development), ofCedar(validation), ofCedar(test)]).toEqual([0, 50, 5]);
    expect(writersOf(development).size).toBe(7);
    const unknown = () => splitDatasets(sets, [published], { ...config, leaveOut: ['b'] });
    expect(unknown).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('knows the text where a writer has several', () => {
    const set = dataset('a', 6);
    const several = { ...set, samples: set.samples.map((sample) => ({ ...sample, identity: `${sample.writer}/7` })) };
    expect(splitDatasets([set], [], config).development[0]).toMatchObject({ dataset: 'a', text: '' });
    expect(splitDatasets([several], [], config).development[0]).toMatchObject({ dataset: 'a', text: '7' });
  });

  it.each<[string, string[], Protocol[], string, string]>([
    ['two sets of one name', ['a', 'a'], [], 'INVALID_ARGUMENT', 'both called a'],
    ['two protocols of one set', ['cedar'], [published, first], 'INVALID_ARGUMENT', 'both of cedar'],
    ['a protocol of a set that is not there', ['a'], [published], 'PROTOCOL_MISMATCH', 'of the data set cedar'],
    ['a protocol of no set', ['a'], [ALL_WRITERS], 'INVALID_ARGUMENT', 'all names none'],
  ])('refuses %s', (_, names, protocols, code, reason) => {
    const split = () =>
      splitDatasets(
        names.map((name) => dataset(name, 55)),
        protocols,
        config,
      );
    expect(split).toThrow(expect.objectContaining({ code, message: expect.stringContaining(reason) }));
  });
});
