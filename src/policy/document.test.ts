import { describe, expect, it } from 'vitest';
import { type Policy, parsePolicy, renameSigners, signersOf } from './document.js';

const CHEQUES = {
  schema: 'countersign/policy@1',
  name: 'cheques',
  title: 'Cheques over the counter',
  currency: 'EUR',
  bands: [{ upTo: '1000', far: 0.05 }, { review: 'always' }],
  mandate: {
    panels: { directors: ['4711', '4712', '4713'] },
    rule: {
      anyOf: [{ panel: 'directors', upTo: '500.00' }, { allOf: [{ signer: '1' }, { panel: 'directors', count: 2 }] }],
    },
  },
};
const parse = (document: object) => parsePolicy(JSON.stringify(document), 'cheques.json');

describe('a policy', () => {
  it('is read with its defaults', () => {
    const policy: Policy = parse(CHEQUES);
    expect(policy.minimumReferences).toBe(1);
    expect(policy.bands[0]).toEqual({
      ...{ upTo: '1000', far: 0.05, forgeries: 'skilled', review: 'between' },
      ...{ casesFor: ['review'], twoPerson: false },
    });
    expect(policy.mandate!.rule).toMatchObject({ count: 1, anyOf: [{ panel: 'directors', count: 1 }, {}] });
  });

  it.each([
    ['no JSON', '{', 'expected JSON'],
    ['a title that the eye does not see whole', { ...CHEQUES, title: 'Cheques\0' }, 'expected text on one line'],
    ['an unknown field', { ...CHEQUES, limit: 3 }, 'limit'],
    ['a float for money', { ...CHEQUES, bands: [{ upTo: 1000, far: 0.05 }] }, 'upTo'],
    ['an amount with three digits', { ...CHEQUES, bands: [{ upTo: '1.005', far: 0.05 }] }, 'upTo'],
    ['a rate of one', { ...CHEQUES, bands: [{ far: 1 }] }, 'far'],
    ['a band that decides nothing', { ...CHEQUES, bands: [{ upTo: '1' }] }, 'expected far, frr, or review "always"'],
    ['rates beside a person', { ...CHEQUES, bands: [{ far: 0.1, review: 'always' }] }, 'decide nothing'],
    [
      'bands that do not ascend',
      {
        ...CHEQUES,
        bands: [
          { upTo: '10', far: 0.1 },
          { upTo: '9', far: 0.1 },
        ],
      },
      'ascend',
    ],
    [
      'equal bands',
      {
        ...CHEQUES,
        bands: [
          { upTo: '10', far: 0.1 },
          { upTo: '10.00', far: 0.1 },
        ],
      },
      'ascend',
    ],
    ['a band behind the last', { ...CHEQUES, bands: [{ far: 0.1 }, { upTo: '9', far: 0.1 }] }, 'only the last'],
    ['amounts without a currency', { ...CHEQUES, currency: undefined }, 'currency'],
    [
      'an end before its beginning',
      { ...CHEQUES, validFrom: '2026-02-01T00:00:00Z', validTo: '2026-01-01T00:00:00Z' },
      'validTo',
    ],
    ['a panel that is not there', { ...CHEQUES, mandate: { rule: { panel: 'clerks' } } }, 'there is no panel "clerks"'],
    [
      'more than a panel has',
      { ...CHEQUES, mandate: { panels: { p: ['1'] }, rule: { panel: 'p', count: 2 } } },
      'which has 1',
    ],
    ['a signer twice', { ...CHEQUES, mandate: { panels: { p: ['1', '1'] }, rule: { panel: 'p' } } }, 'twice'],
    ['more than the rules', { ...CHEQUES, mandate: { rule: { anyOf: [{ signer: '1' }], count: 2 } } }, '2 of 1 rules'],
  ])('is refused with %s', (_, document, message) => {
    const read = () => (typeof document === 'string' ? parsePolicy(document, 'cheques.json') : parse(document));
    expect(read).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
    expect(read).toThrow(message);
    expect(read).toThrow(/^cheques\.json: /);
  });

  it('names its signers, wherever in the tree, and takes other names for them', () => {
    const { mandate } = parse(CHEQUES);
    expect(signersOf(mandate!).sort()).toEqual(['1', '4711', '4712', '4713']);
    const renamed = renameSigners(mandate!, (signer) => `#${signer}`);
    expect(signersOf(renamed).sort()).toEqual(['#1', '#4711', '#4712', '#4713']);
    expect(renameSigners(renamed, (signer) => signer.slice(1))).toEqual(mandate);
  });
});
