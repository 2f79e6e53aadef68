import { describe, expect, it } from 'vitest';
import { gatherEvidence } from '../evaluate/evidence.js';
import type { CalibrationBlock } from '../nn/calibration-metadata.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { bandFor, bandThresholds, requireSupport } from './apply.js';
import { comparePolicies } from './compare.js';
import { type Policy, policySchema } from './document.js';

const policy = (fields: object): Policy =>
  policySchema.parse({ schema: 'countersign/policy@1', name: 'p', title: 'P', bands: [{ far: 0.05 }], ...fields });
const AT = new Date('2026-03-01T12:00:00Z');
const euros = (amount: string) => ({ amount, currency: 'EUR' });

describe('the band of an amount', () => {
  const cheques = policy({
    currency: 'EUR',
    bands: [
      { upTo: '999.99', far: 0.05 },
      { upTo: '5000', far: 0.02 },
    ],
    validFrom: '2026-01-01T00:00:00Z',
    validTo: '2027-01-01T00:00:00+01:00',
  });

  it.each([
    ['0', 0],
    ['999.99', 0],
    ['1000', 1],
    ['5000.00', 1],
  ])('of %s is number %d', (amount, band) => {
    expect(bandFor(cheques, euros(amount), AT)).toBe(cheques.bands[band]);
  });

  it.each([
    ['an amount above all bands', euros('5000.01'), AT, 'no band holds 5000.01 EUR'],
    ['another currency', { amount: '1', currency: 'USD' }, AT, 'in EUR; USD came'],
    ['no amount', null, AT, 'none was given'],
    ['a day before it holds', euros('1'), new Date('2025-12-31T23:59:59.999Z'), 'it holds from'],
    ['the instant that it ends', euros('1'), new Date('2026-12-31T23:00:00Z'), 'it held until'],
  ])('is refused for %s', (_, money, at, reason) => {
    expect(() => bandFor(cheques, money, at)).toThrow(expect.objectContaining({ code: 'POLICY_NOT_APPLICABLE' }));
    expect(() => bandFor(cheques, money, at)).toThrow(reason);
  });

  it('needs no amount where there is one for all', () => {
    expect(bandFor(policy({}), null, AT).far).toBe(0.05);
  });
});

/** Genuine distances 0 .. 0.4, forged ones 0.3 .. 0.8 for each of the writers, evenly. */
function modelWith(counts: Record<number, number>): ModelMetadata {
  const references = Object.entries(counts).map(([count, writers]) => {
    const table = (low: number, high: number) => {
      const distance = Float64Array.from({ length: writers * 100 }, (_, i) => low + ((high - low) * (i % 100)) / 99);
      return {
        distance,
        writer: Uint32Array.from(distance, (_, i) => Math.floor(i / 100)),
        questioned: Uint32Array.from(distance, (_, i) => i),
      };
    };
    const pairs = { genuine: table(0, 0.4), skilled: table(0.3, 0.8), random: table(0.6, 0.9) };
    return { count: Number(count), slope: 9, intercept: -3, evidence: gatherEvidence(pairs, writers) };
  });
  const calibration: CalibrationBlock = {
    writers: [],
    fusion: 'energy',
    references,
    logLikelihoodRatio: { low: -1, high: 1 },
  };
  return { id: 'made-up', calibration } as unknown as ModelMetadata;
}

describe('what a calibration can keep', () => {
  const model = modelWith({ 1: 30, 2: 30, 3: 30, 5: 5 });

  it('is promised for the policy, and refused with the band and the reason', () => {
    requireSupport(policy({ minimumReferences: 3, bands: [{ far: 0.05 }] }), model);
    const bands = [{ upTo: '1', far: 0.05 }, { far: 0.001 }];
    const strict = () => requireSupport(policy({ currency: 'EUR', bands }), model);
    expect(strict).toThrow(expect.objectContaining({ code: 'TARGET_UNSUPPORTED', details: { band: 2 } }));
    expect(strict).toThrow('Band 2 of policy p: FAR 0.1 % with one reference is 3 of 3000 skilled forgeries');
    expect(() => requireSupport(policy({ minimumReferences: 5 }), model)).toThrow('from 5 calibration writers');
    // Two references are on another scale than one: what one promises does not help them.
    expect(() => requireSupport(policy({}), modelWith({ 1: 30, 2: 5 }))).toThrow(
      'with 2 references cannot be promised',
    );
    requireSupport(policy({ bands: [{ review: 'always' }] }), modelWith({ 1: 5, 2: 5 }));
  });

  it('is taken from fewer references where that for more promises nothing', () => {
    const three = policy({ minimumReferences: 2 });
    const thresholds = bandThresholds(model, three, three.bands[0]!)!;
    expect(thresholds(7).source).toContain('with 3 references');
    expect(thresholds(7).acceptUpTo).toBe(thresholds(3).acceptUpTo);
    expect(thresholds(2).source).toContain('with 2 references');
    expect(() => bandThresholds(modelWith({ 1: 30, 2: 5 }), policy({}), three.bands[0]!)!(2)).toThrow('2 references');
    const [always] = policy({ bands: [{ review: 'always' }] }).bands;
    expect(bandThresholds(model, three, always!)).toBeUndefined();
  });
});

it('two versions are compared leaf by leaf', () => {
  const first = policy({ bands: [{ far: 0.05 }] });
  const second = policy({ bands: [{ far: 0.02, frr: 0.1 }], minimumReferences: 3 });
  expect(comparePolicies(first, second)).toEqual([
    { path: 'minimumReferences', before: 1, after: 3 },
    { path: 'bands.0.far', before: 0.05, after: 0.02 },
    { path: 'bands.0.frr', before: undefined, after: 0.1 },
  ]);
  expect(comparePolicies(first, first)).toEqual([]);
});
