/**
 * The promise put to the test: thresholds are fitted on half of the writers and judged on the other half, or on another
 * set, over random splits.
 */
import { Rng } from '../core/rng.js';
import { reportCalibration } from './calibration-report.js';
import { fitModelCalibration, pairsOf } from './fit-model-calibration.js';
import { checkPromises, type KeptPromise, PROMISED_FARS } from './kept-promises.js';
import { type EmbeddedSamples, writerNames } from './pairs.js';

export interface PromiseOptions {
  readonly splits: number;
  readonly seed: number;
  /** Number of references, 1, 3, 5 or 10. */
  readonly references: number;
  /** Test on these in place of the other half. */
  readonly test?: EmbeddedSamples | undefined;
}

export interface PromiseSplit {
  readonly calibrationWriters: number;
  readonly testWriters: number;
  readonly cllr: number;
  readonly minCllr: number;
  /** By target. */
  readonly promises: readonly KeptPromise[];
}

export interface PromiseReport {
  readonly references: number;
  readonly targets: readonly {
    readonly target: number;
    /** Splits whose realised FAR lies within a factor of two of the target. */
    readonly kept: number;
    /** The same of those splits where the calibration would have promised the target. */
    readonly promised: number;
    readonly promisedAndKept: number;
    readonly realisedMean: number;
    readonly realisedLeast: number;
    readonly realisedMost: number;
  }[];
  /** Mean of Cllr - least Cllr, in bits: the cost of a calibration on other writers. */
  readonly calibrationCost: number;
  readonly cllrMean: number;
  readonly splits: readonly PromiseSplit[];
}

/** @throws CountersignError as fitModelCalibration */
export function testPromise(embedded: EmbeddedSamples, options: PromiseOptions): PromiseReport {
  const rng = new Rng(options.seed);
  const splits = Array.from({ length: options.splits }, (_, i) => testSplit(embedded, options, rng.fork(i)));
  const mean = (of: (split: PromiseSplit) => number) =>
    splits.reduce((sum, split) => sum + of(split), 0) / splits.length;
  const targets = PROMISED_FARS.map((target, i) => {
    const outcomes = splits.map(({ promises }) => promises[i]!);
    const promised = outcomes.filter(({ unsupported }) => unsupported === null);
    const realised = outcomes.map(({ realised: { value } }) => value);
    const kept = (list: readonly KeptPromise[]) => list.filter(({ withinFactorOfTwo }) => withinFactorOfTwo).length;
    return {
      target,
      kept: kept(outcomes),
      promised: promised.length,
      promisedAndKept: kept(promised),
      realisedMean: realised.reduce((sum, value) => sum + value, 0) / realised.length,
      realisedLeast: Math.min(...realised),
      realisedMost: Math.max(...realised),
    };
  });
  return {
    references: options.references,
    targets,
    calibrationCost: mean(({ cllr, minCllr }) => cllr - minCllr),
    cllrMean: mean(({ cllr }) => cllr),
    splits,
  };
}

function testSplit(embedded: EmbeddedSamples, { references, test }: PromiseOptions, rng: Rng): PromiseSplit {
  const shuffled = rng.fork('halves').shuffle(writerNames(embedded.samples));
  const half = Math.floor(shuffled.length / 2);
  const { calibration } = fitModelCalibration(ofWriters(embedded, shuffled.slice(0, half)));
  const unseen = test ?? ofWriters(embedded, shuffled.slice(half));
  const { genuine, skilled } = pairsOf(unseen, references, rng);
  const fitted = calibration.references.findLast(({ count }) => count <= references)!;
  const testWriters = writerNames(unseen.samples).length;
  const { cllr, minCllr } = reportCalibration(genuine.distance, skilled.distance, fitted);
  const promises = checkPromises(fitted.evidence, skilled, { writerCount: testWriters, rng });
  return { calibrationWriters: half, testWriters, cllr, minCllr, promises };
}

function ofWriters({ samples, embeddings, dimension }: EmbeddedSamples, writers: readonly string[]): EmbeddedSamples {
  const wanted = new Set(writers);
  const rows = samples.flatMap(({ writer }, row) => (wanted.has(writer) ? [row] : []));
  const kept = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => {
    kept.set(embeddings.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  });
  return { samples: rows.map((row) => samples[row]!), embeddings: kept, dimension };
}
