/**
 * The promise put to the test: thresholds are fitted on half of the writers and judged on the other half, or on another
 * set, over random splits.
 */
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { reportCalibration } from './calibration-report.js';
import { fitModelCalibration, pairsOf } from './fit-model-calibration.js';
import { checkPromises, type KeptPromise, PROMISED_FARS } from './kept-promises.js';
import { inReferences } from './operating-points.js';
import { type EmbeddedSamples, selectSamples, writerNames } from './pairs.js';

export interface PromiseOptions {
  readonly splits: number;
  readonly seed: number;
  /** Number of references, 1, 2, 3, 5 or 10. */
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

/**
 * @throws CountersignError as fitModelCalibration; DATASET_TOO_FEW_SAMPLES also where the writers cannot give that many
 *   references; PROTOCOL_MISMATCH where a writer to test is one to calibrate on
 */
export function testPromise(embedded: EmbeddedSamples, options: PromiseOptions): PromiseReport {
  if (options.test !== undefined) refuseCommonWriters(embedded, options.test);
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
  const counts = [...new Set([1, references])];
  const { calibration } = fitModelCalibration(ofWriters(embedded, shuffled.slice(0, half)), counts);
  const unseen = test ?? ofWriters(embedded, shuffled.slice(half));
  const { genuine, skilled } = pairsOf(unseen, references, rng);
  const fitted = calibration.references.find(({ count }) => count === references);
  if (fitted === undefined || genuine.distance.length === 0 || skilled.distance.length === 0) {
    const side = fitted === undefined ? 'calibrate on' : 'test';
    const message = `No writer to ${side} has forgeries and more than ${references} genuine signatures, for ${inReferences(references)} and one to question.`;
    throw new CountersignError('DATASET_TOO_FEW_SAMPLES', message, { details: { references } });
  }
  const testWriters = writerNames(unseen.samples).length;
  const { cllr, minCllr } = reportCalibration(genuine.distance, skilled.distance, fitted);
  const promises = checkPromises(fitted, skilled, { writerCount: testWriters, rng });
  return { calibrationWriters: half, testWriters, cllr, minCllr, promises };
}

function refuseCommonWriters(calibrated: EmbeddedSamples, tested: EmbeddedSamples): void {
  const known = new Set(writerNames(calibrated.samples));
  const writers = writerNames(tested.samples).filter((writer) => known.has(writer));
  if (writers.length === 0) return;
  const message = `${writers.length} of the writers to test are those to calibrate on: ${writers.slice(0, 5).join(', ')}. Test on another set.`;
  throw new CountersignError('PROTOCOL_MISMATCH', message, { details: { writers } });
}

function ofWriters(embedded: EmbeddedSamples, writers: readonly string[]): EmbeddedSamples {
  const wanted = new Set(writers);
  return selectSamples(embedded, ({ writer }) => wanted.has(writer));
}
