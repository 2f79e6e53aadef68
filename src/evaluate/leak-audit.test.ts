import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { SurfaceFacts } from '../image/surface.js';
import { auditFacts, partOf, probe, probeRandomSplits, type SurfaceSamples } from './leak-audit.js';
import { fitLogistic, logOdds } from './logistic-regression.js';

/** Writers whose pictures vary by chance alone, but that forgeries were scanned on paper `leak` greys brighter. */
function madeUp(leak: number, writers = 30): SurfaceSamples {
  const rng = new Rng('leak');
  const rows = Array.from({ length: writers * 12 }, (_, i) => {
    const kind = i % 12 < 6 ? ('genuine' as const) : ('forged' as const);
    const writer = `w${Math.floor(i / 12)}`;
    const facts: SurfaceFacts = {
      widthPx: 200,
      heightPx: Math.round(rng.normal(80, 8)),
      paperGrey: rng.normal(kind === 'genuine' ? 230 : 230 + leak, 1),
      inkGrey: rng.normal(60, 5),
      inkPx: rng.normal(2000, 200),
      strokeWidthPx: rng.normal(3, 0.2),
      centreXPx: rng.normal(100, 9),
      centreYPx: rng.normal(40, 5),
      boxWidthPx: rng.normal(150, 20),
      boxHeightPx: rng.normal(50, 8),
    };
    return { sample: { id: `${writer}/${i % 12}`, writer, identity: writer, kind }, facts };
  });
  return { samples: rows.map(({ sample }) => sample), facts: rows.map(({ facts }) => facts) };
}

const halves = (all: SurfaceSamples) => {
  const isFirst = (writer: string) => Number(writer.slice(1)) < 15;
  return [partOf(all, isFirst), partOf(all, (writer) => !isFirst(writer))] as const;
};

describe('the leak audit', () => {
  it('finds the number that gives it away, and no other', () => {
    const leaks = Object.fromEntries(auditFacts(madeUp(9))!.map(({ fact, eer }) => [fact, eer]));
    expect(leaks.paperGrey).toBeLessThan(0.02);
    for (const [fact, eer] of Object.entries(leaks))
      if (fact !== 'paperGrey') expect([fact, eer > 0.4]).toEqual([fact, true]);
  });

  it('solves a leaking set by the probe, fitted on other writers, and cannot solve a clean one', () => {
    const solved = probe(...halves(madeUp(9)))!;
    expect(solved).toMatchObject({ fittedWriters: 15, testWriters: 15 });
    expect(solved.eer).toBeLessThan(0.02);
    expect(probe(...halves(madeUp(0)))!.eer).toBeGreaterThan(0.4);
    expect(probeRandomSplits(madeUp(9), { splits: 3, rng: new Rng(1) })!.eerMean).toBeLessThan(0.02);
    expect(probeRandomSplits(madeUp(0), { splits: 3, rng: new Rng(1) })!.eerMean).toBeGreaterThan(0.4);
  });

  it('says nothing, and fails nothing, where forgeries are too few: evaluation goes on without it', () => {
    const all = madeUp(9);
    const isForged = (i: number) => all.samples[i]!.kind === 'forged';
    const keep = (kept: (i: number) => boolean): SurfaceSamples => ({
      samples: all.samples.filter((_, i) => kept(i)),
      facts: all.facts.filter((_, i) => kept(i)),
    });
    const genuineOnly = keep((i) => !isForged(i));
    expect(auditFacts(genuineOnly)).toBeNull();
    expect(probe(genuineOnly, all)).toBeNull();
    expect(probe(all, genuineOnly)).toBeNull();
    const few = keep((i) => !isForged(i) || ['w0', 'w1'].includes(all.samples[i]!.writer));
    expect(probeRandomSplits(few, { splits: 3, rng: new Rng(1) })).toBeNull();
    const some = keep((i) => !isForged(i) || Number(all.samples[i]!.writer.slice(1)) < 8);
    expect(probeRandomSplits(some, { splits: 3, rng: new Rng(1) })!.eerMean).toBeLessThan(0.2);
  });

  it('sees only what it is given', () => {
    expect(probe(...halves(madeUp(9)), ['widthPx', 'heightPx', 'inkPx'])!.eer).toBeGreaterThan(0.4);
  });
});

describe('logistic regression', () => {
  it('finds the weights that made the labels, whatever the units', () => {
    const rng = new Rng(5);
    const count = 20_000;
    const rows = Float64Array.from({ length: 2 * count }, (_, i) =>
      i % 2 === 0 ? rng.normal(0, 1) : rng.normal(50, 100),
    );
    const isPositive = Uint8Array.from({ length: count }, (_, m) => {
      const z = 1.5 * rows[2 * m]! - 0.02 * (rows[2 * m + 1]! - 50);
      return rng.chance(1 / (1 + Math.exp(-z))) ? 1 : 0;
    });
    const { weights, scale } = fitLogistic(rows, 2, isPositive);
    expect(weights[0]! / scale[0]!).toBeCloseTo(1.5, 1);
    expect(weights[1]! / scale[1]!).toBeCloseTo(-0.02, 2);
  });

  it('holds back the weight of a column by its ridge', () => {
    const rng = new Rng(6);
    const rows = Float64Array.from({ length: 2000 }, () => rng.normal());
    const labels = Uint8Array.from({ length: 1000 }, (_, m) => Number(rows[2 * m]! + rows[2 * m + 1]! > rng.normal()));
    const held = (ridge: number) => fitLogistic(rows, 2, labels, (column) => (column === 0 ? ridge : 1e-4)).weights;
    const [free, bound] = [held(1e-4), held(1e6)];
    expect(held(0.2)[0]!).toBeLessThan(0.7 * free[0]!);
    expect(Math.abs(bound[0]!)).toBeLessThan(1e-5);
    expect(bound[1]!).toBeGreaterThan(0.5 * free[1]!);
  });

  it('stays finite on separable data and on columns without spread', () => {
    const rows = Float64Array.of(0, 7, 1, 7, 10, 7, 11, 7);
    const model = fitLogistic(rows, 2, Uint8Array.of(0, 0, 1, 1));
    const scores = logOdds(model, rows);
    expect([...scores].every(Number.isFinite)).toBe(true);
    expect(Math.max(scores[0]!, scores[1]!)).toBeLessThan(0);
    expect(Math.min(scores[2]!, scores[3]!)).toBeGreaterThan(0);
  });
});
