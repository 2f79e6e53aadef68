import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ALL_WRITERS, findProtocol, PROTOCOLS } from './find-protocol.js';
import type { Protocol } from './protocol.js';

/** Writers' highest number in the set, and forgeries of each where they are equally many. */
const SETS: Record<string, { writers: number; forged?: number }> = {
  'bhsig260-hindi': { writers: 160, forged: 30 },
  'bhsig260-bengali': { writers: 100, forged: 30 },
  cedar: { writers: 55, forged: 24 },
  sigcomp2009: { writers: 112 },
};

const ofSets = PROTOCOLS.filter((protocol) => protocol !== ALL_WRITERS);
const count = ({ testWriters }: Protocol) =>
  testWriters.select === 'list' ? testWriters.writers.length : testWriters.select === 'random' ? testWriters.count : 0;

describe('PROTOCOLS', () => {
  it.each(ofSets)('$name names writers of its set, each once, and leaves some for training', (protocol) => {
    const { name, dataset, testWriters } = protocol;
    const { writers } = SETS[dataset!]!;
    expect(name.startsWith(`${dataset}/`)).toBe(true);
    expect(count(protocol)).toBeLessThan(writers);
    if (testWriters.select !== 'list') return;
    const numbers = testWriters.writers.map(Number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(writers);
  });

  it('agree with their own numbers of pairs: 24 genuine signatures a writer give 276 pairs', () => {
    const withPairs = ofSets.filter(({ pairs }) => pairs !== undefined);
    expect(withPairs.map(({ name }) => name)).toEqual(
      ['bhsig260-bengali', 'bhsig260-hindi', 'cedar'].flatMap((set) => [`${set}/published`, `${set}/random@1`]),
    );
    for (const protocol of withPairs) {
      const forged = SETS[protocol.dataset!]!.forged!;
      expect(protocol.pairs).toEqual({
        genuineGenuine: count(protocol) * 276,
        genuineForged: count(protocol) * 24 * forged,
      });
    }
  });

  it('draw as many test writers as the published list has', () => {
    for (const protocol of ofSets.filter(({ testWriters }) => testWriters.select === 'random')) {
      const listed = protocol.dataset === 'sigcomp2009' ? 'half' : 'published';
      expect(count(protocol)).toBe(count(findProtocol(`${protocol.dataset}/${listed}`)));
    }
  });
});

describe('findProtocol', () => {
  it('finds each protocol by its name, and lists the names where there is none', () => {
    for (const protocol of PROTOCOLS) expect(findProtocol(protocol.name)).toBe(protocol);
    for (const name of ['cedar/publisched', 'cedar/random', 'cedar/random@', 'cedar/random@01', 'cedar/published@2']) {
      const unknown = () => findProtocol(name);
      expect(unknown).toThrow(expect.objectContaining({ code: 'PROTOCOL_UNKNOWN' }));
      for (const protocol of PROTOCOLS) expect(unknown).toThrow(protocol.name);
    }
  });

  it('draws other writers by the number after @', () => {
    const seventh = findProtocol('cedar/random@7');
    const first = findProtocol('cedar/random@1');
    expect(seventh).toEqual({ ...first, name: 'cedar/random@7', testWriters: { ...first.testWriters, seed: 7 } });
  });

  it('makes the shape-only one of any other, once', () => {
    for (const name of ['cedar/published', 'cedar/random@3', 'all']) {
      const { title } = findProtocol(name);
      expect(findProtocol(`${name}/shape-only`)).toEqual({
        ...findProtocol(name),
        name: `${name}/shape-only`,
        title: `${title}; shape only`,
        input: 'shape-only',
      });
    }
    expect(() => findProtocol('all/shape-only/shape-only')).toThrow(/came/);
  });
});

describe('a document of your own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-protocol-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'own.json');
  const read = (content: unknown) => {
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return findProtocol(file);
  };
  const own = {
    schema: 'countersign/protocol@1',
    name: 'bank/held-out',
    title: 'Our own writers',
    dataset: 'bank',
    testWriters: { select: 'list', writers: [3, 'anna'] },
    source: 'ours',
  };

  it('is completed with the defaults, and named after its test writers', () => {
    const protocol = read(own);
    expect(protocol).toMatchObject({
      ...own,
      name: expect.stringMatching(/^bank\/held-out#[0-9a-f]{12}$/),
      input: 'as-prepared',
      references: { counts: [1, 3, 5, 10], draws: 10 },
    });
    expect(read({ ...own, title: 'Other words', input: 'shape-only' }).name).toBe(protocol.name);
    expect(read({ ...own, testWriters: { select: 'list', writers: [3] } }).name).not.toBe(protocol.name);
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /own\.json is no protocol/],
    ['no protocol', {}, /schema/],
    ['an unknown key', { ...own, testers: [] }, /testers/],
    ['no writer', { ...own, testWriters: { select: 'list', writers: [] } }, /writers/],
    ['a draw without a seed', { ...own, testWriters: { select: 'random', count: 3, from: 9 } }, /seed/],
    ['the name of another set', { ...own, dataset: 'cedar' }, /another data set/],
    ['a name that no report can hold', { ...own, name: 'bank/held out' }, /name/],
  ])('with %s is refused', (_, content, message) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ code: 'PROTOCOL_INVALID' }));
    expect(() => read(content)).toThrow(message);
  });

  it('that is not there is refused', () => {
    expect(() => findProtocol(join(folder, 'none.json'))).toThrow(/none\.json is no protocol: ENOENT came/);
  });
});
