import { describe, expect, it } from 'vitest';
import { madeUp } from './made-up.fixture.js';
import { evaluateProtocol } from './protocol.js';
import type { EvaluationReport } from './report.js';
import { standing, verdictOf } from './verdict.js';

const base = evaluateProtocol(madeUp(24, 0.5));

/** The report with an EER of 10 % [8, 12] beside a probe. */
function beside(probe: number | null, changes: Partial<EvaluationReport> = {}): EvaluationReport {
  const eer = { value: 0.1, interval: { low: 0.08, high: 0.12 }, threshold: 1 };
  const leak =
    probe === null ? null : { probe: { eer: probe, auc: 0.9, fittedWriters: 30, testWriters: 24 }, randomSplits: null };
  return { ...base, skilled: { ...base.skilled, eer }, leak, ...changes };
}

/** A rate of `errors` in 1,000 pairs. */
const rate = (errors: number, low: number, high: number) => ({
  value: errors / 1000,
  errors,
  pairs: 1000,
  interval: { low, high },
});

describe('a verdict', () => {
  it.each([
    [0.2, 'below', /; better than a probe that sees no shape\.$/, /the whole interval lies below it/],
    [0.11, 'around', /; not shown to be better than a probe/, /has not shown that the system is better/],
    [0.09, 'around', /; not shown to be better than a probe/, /interval reaches over it/],
    [0.03, 'above', /; a probe that sees no shape does better\.$/, /a good figure on it would show nothing/],
    [null, 'no probe', /was not measured\.$/, /the figures may flatter/],
  ] as const)('beside a probe of %s: %s', (probe, expected, headline, evidence) => {
    const report = beside(probe);
    expect(standing(report)).toBe(expected);
    const verdict = verdictOf(report);
    expect(verdict.headline).toMatch(headline);
    expect(verdict.evidence).toMatch(evidence);
    expect(verdict.evidence).toContain('10.00 % (95 % interval 8.00 % to 12.00 %)');
  });

  it('takes the probe over random halves where there is no list', () => {
    const leak = { probe: null, randomSplits: { eerMean: 0.3, eerDeviation: 0.01, splits: 5 } };
    expect(standing(beside(null, { leak }))).toBe('below');
  });

  it('says errors of a hundred with their intervals, and that the threshold is stricter than it could be', () => {
    const report = beside(0.2);
    const { headline, errors } = verdictOf({
      ...report,
      skilled: { ...report.skilled, far: rate(53, 0.04, 0.07), frr: rate(155, 0.114, 0.199) },
    });
    expect(headline).toMatch(/^Accepted 5\.3 of 100 skilled forgeries and rejected 15\.5 of 100 genuine signatures; /);
    expect(errors[0]).toBe('Of 100 skilled forgeries it accepted 5.3 (95 % interval 4.0 to 7.0).');
    expect(errors[1]).toBe('Of 100 genuine signatures it rejected 15.5 (95 % interval 11.4 to 19.9).');
    expect(errors.join(' ')).toContain('fixed before the test: EER of 4 validation writers');
    expect(errors.at(-1)).toContain('stricter than the point of equal errors');
  });

  it('does not take no error for a rate of zero', () => {
    const report = beside(0.2);
    const { errors, notToBeUsed } = verdictOf({ ...report, skilled: { ...report.skilled, far: rate(0, 0, 0) } });
    expect(errors[0]).toContain('none (0 of 1,000 comparisons; that is no proof');
    expect(notToBeUsed[0]).toContain('which gives no upper bound');
  });

  it('allows a machine to accept only where all of it is shown', () => {
    const machine = /To accept without a person, where/;
    const report = beside(0.2);
    const skilled = { ...report.skilled, far: rate(5, 0.002, 0.009) };
    expect(verdictOf({ ...report, skilled }).mayBeUsed.join()).toMatch(machine);
    expect(verdictOf({ ...report, skilled, leak: null }).mayBeUsed.join()).not.toMatch(machine);
    expect(verdictOf({ ...report, skilled: { ...skilled, far: rate(5, 0.002, 0.011) } }).mayBeUsed.join()).not.toMatch(
      machine,
    );
    const few = verdictOf({ ...report, skilled, counts: { ...report.counts, writers: 6 } });
    expect(few.mayBeUsed.join()).not.toMatch(machine);
    expect(few.notToBeUsed.join()).toContain('6 writers are few');
  });

  it('gives no more than a hint where the probe is not beaten', () => {
    expect(verdictOf(beside(0.2)).mayBeUsed[0]).toMatch(/^To put signatures in order/);
    for (const probe of [0.11, 0.03, null]) {
      expect(verdictOf(beside(probe)).mayBeUsed[0]).toMatch(/^As a hint .* may be what orders them\.$/);
    }
  });

  it('of chance or of one writer allows nothing', () => {
    const report = beside(0.2);
    const auc = { value: 0.52, interval: { low: 0.47, high: 0.56 } };
    const chance = verdictOf({ ...report, skilled: { ...report.skilled, auc } });
    expect(chance.mayBeUsed).toEqual([]);
    expect(chance.notToBeUsed[0]).toContain('not shown to be better than chance');
    const alone = verdictOf(evaluateProtocol(madeUp(1, 0.5)));
    expect(alone.headline).toContain('one writer only, so nothing is shown');
    expect(alone.mayBeUsed).toEqual([]);
  });

  it('knows another system by its scores alone', () => {
    expect(verdictOf(beside(null, { distance: 'given', random: null })).tested).toContain('Scores do not say whether');
  });
});
