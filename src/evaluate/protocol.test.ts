import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { equalErrorRate, farAt, frrAt } from './error-rates.js';
import { genuinePairs, skilledForgeryPairs } from './pairs.js';
import { evaluateProtocol, type ProtocolInput } from './protocol.js';

const DIMENSION = 16;

/** Unit vectors: genuine ones near their writer's centre, forgeries farther from it. */
function madeUp(writers: number, g: number, f: number): ProtocolInput {
  const rng = new Rng('protocol');
  const samples: ProtocolInput['samples'][number][] = [];
  const rows: number[] = [];
  for (let w = 0; w < writers; w++) {
    const centre = Array.from({ length: DIMENSION }, () => rng.normal());
    for (let i = 0; i < g + f; i++) {
      const kind = i < g ? 'genuine' : 'forged';
      const row = centre.map((c) => c + rng.normal(0, kind === 'genuine' ? 0.4 : 0.7));
      const norm = Math.hypot(...row);
      rows.push(...row.map((x) => x / norm));
      samples.push({ id: `${w}/${kind}/${i}`, writer: `w${w}`, identity: `w${w}`, kind });
    }
  }
  return {
    protocol: 'made-up/all',
    dataset: 'made-up',
    modelId: 'none',
    input: 'as-prepared',
    learntFrom: [],
    samples,
    embeddings: Float32Array.from(rows),
    dimension: DIMENSION,
    threshold: { value: 0.7, source: 'chosen for the test' },
    calibration: { slope: 6, intercept: -6 },
    rng: new Rng('evaluate'),
    references: { counts: [1, 5], draws: 10 },
    resamples: 200,
  };
}

/** The input with the last `count` samples of a kind moved to the failures. */
function failing(input: ProtocolInput, kind: 'genuine' | 'forged', count: number): ProtocolInput {
  const lost = new Set(
    input.samples
      .map((_, i) => i)
      .filter((i) => input.samples[i]!.kind === kind)
      .slice(-count),
  );
  return {
    ...input,
    samples: input.samples.filter((_, i) => !lost.has(i)),
    embeddings: input.embeddings.filter((_, i) => !lost.has(Math.floor(i / DIMENSION))),
    failures: [...lost].map((i) => ({ sample: input.samples[i]!, code: 'IMAGE_BLANK' })),
  };
}

describe('evaluateProtocol', () => {
  const input = madeUp(12, 8, 6);
  const report = evaluateProtocol(input);

  it('reports what the error rates say, with counts', () => {
    const [genuine, forged] = [genuinePairs(input).distance, skilledForgeryPairs(input).distance];
    expect(report.counts).toEqual({
      writers: 12,
      genuineSamples: 96,
      forgedSamples: 72,
      genuinePairs: 12 * 28,
      skilledPairs: 12 * 48,
      randomPairs: 12 * 8 * 11,
    });
    expect(report.skilled.eer.value).toBe(equalErrorRate(genuine, forged).eer);
    expect(report.skilled.far.value).toBe(farAt(forged, 0.7));
    expect(report.skilled.frr.value).toBe(frrAt(genuine, 0.7));
    expect(report.random!.frr).toEqual(report.skilled.frr);
    expect(report.skilled.perWriterEer!.writers).toBe(12);
    expect(report.aPosteriori.skilled.balancedAccuracy).toBeGreaterThanOrEqual(1 - report.skilled.eer.value);
  });

  it('puts every rate inside its interval, and skilled forgeries above random ones', () => {
    for (const estimate of [report.skilled.far, report.skilled.frr, report.skilled.eer, report.skilled.auc]) {
      expect(estimate.interval!.low).toBeLessThanOrEqual(estimate.value);
      expect(estimate.interval!.high).toBeGreaterThanOrEqual(estimate.value);
    }
    expect(report.random!.eer.value).toBeLessThan(report.skilled.eer.value);
    expect(report.references).toHaveLength(4);
    const [one, five] = report.references;
    expect(one).toMatchObject({ count: 1, fusion: 'mean', questioned: { genuine: 84, skilled: 72, random: 132 } });
    expect(five).toMatchObject({ count: 5, fusion: 'mean', draws: 10, questioned: { genuine: 36, skilled: 72 } });
    expect(five!.skilled.eerMean).toBeLessThan(report.skilled.eer.value);
  });

  it('is plain JSON and the same for the same seed', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(evaluateProtocol(input)).toEqual(report);
    expect(report.schema).toBe('countersign/evaluation@1');
  });

  it('has histograms that sum to 1 and DET curves that are monotone', () => {
    for (const shares of [report.histogram.genuine, report.histogram.skilled, report.histogram.random!]) {
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
    }
    const { far, frr } = report.skilled.det;
    expect([far[0], frr[0], far.at(-1), frr.at(-1)]).toEqual([0, 1, 1, 0]);
    for (let i = 1; i < far.length; i++) expect(far[i]! >= far[i - 1]! && frr[i]! <= frr[i - 1]!).toBe(true);
  });

  it('counts a failed genuine image as false rejections and leaves a failed forgery out of FAR', () => {
    const lostGenuine = evaluateProtocol(failing(input, 'genuine', 1));
    expect(lostGenuine.counts.genuinePairs).toBe(report.counts.genuinePairs);
    expect(lostGenuine.failures).toMatchObject({
      images: 1,
      byCode: { IMAGE_BLANK: 1 },
      genuinePairsRejected: 7,
      skilledPairsLeftOut: 6,
    });
    expect(lostGenuine.skilled.frr.errors).toBeGreaterThanOrEqual(Math.max(7, report.skilled.frr.errors));
    expect(lostGenuine.skilled.far.pairs).toBe(report.skilled.far.pairs - 6);
    expect(JSON.parse(JSON.stringify(lostGenuine))).toEqual(lostGenuine);

    const lostForged = evaluateProtocol(failing(input, 'forged', 2));
    expect(lostForged.skilled.frr).toEqual(report.skilled.frr);
    expect(lostForged.failures).toMatchObject({ genuinePairsRejected: 0, skilledPairsLeftOut: 16 });
  });

  it('draws pairs per writer like the notebook twin', () => {
    const twin = evaluateProtocol({ ...input, samplePerWriter: { genuine: 20, forged: 25 } });
    expect(twin.counts).toMatchObject({ genuinePairs: 240, skilledPairs: 300 });
    expect(twin.pairsDrawnPerWriter).toEqual({ genuine: 20, forged: 25 });
  });

  it('asserts published pair counts', () => {
    const published = { genuineGenuine: 336, genuineForged: 576 };
    expect(evaluateProtocol({ ...input, expectedPairs: published }).counts.skilledPairs).toBe(576);
    expect(() => evaluateProtocol({ ...input, expectedPairs: { ...published, genuineForged: 577 } })).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_MISMATCH' }),
    );
  });

  it('evaluates one writer without random forgeries and intervals, and few samples without reference sets', () => {
    const alone = evaluateProtocol(madeUp(1, 4, 2));
    expect(alone.random).toBeNull();
    expect(alone.references.map(({ count, random }) => [count, random])).toEqual([[1, null]]);
    expect(alone.skilled.eer.interval).toBeNull();
    expect(alone.skilled.frrAtFar[0]!.frr).toBeNull();
  });

  it('refuses embeddings that do not fit the samples', () => {
    expect(() => evaluateProtocol({ ...input, dimension: 8 })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
