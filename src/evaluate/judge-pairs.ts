/** The part of an evaluation that needs distances alone, whoever measured them. */
import type { Rng } from '../core/rng.js';
import { RESAMPLES } from './bootstrap.js';
import type { Calibration } from './calibration.js';
import { reportCalibration } from './calibration-report.js';
import { histogram } from './curves.js';
import { maxBalancedAccuracy } from './error-rates.js';
import { type ErrorReport, reportErrors } from './error-report.js';
import { type EvaluationReport, FAILURE_RULE } from './report.js';
import type { GroupedDistances } from './weighted-rates.js';
import { reportWriters } from './writer-errors.js';

export interface PairsToJudge {
  /** Comparisons that could not be made are at +Infinity; see FAILURE_RULE. */
  readonly genuine: GroupedDistances;
  readonly skilled: GroupedDistances;
  readonly random: GroupedDistances;
  /** Names; `writer` of the tables indexes this list. */
  readonly writers: readonly string[];
  /** Fixed before the pairs were seen, and where. */
  readonly threshold: { readonly value: number; readonly source: string };
  /** Fitted before the pairs were seen; null where there is none. */
  readonly calibration: Calibration | null;
  readonly rng: Rng;
  /** Bootstrap resamples, default 2,000. */
  readonly resamples?: number | undefined;
}

export type JudgedPairs = Pick<
  EvaluationReport,
  'threshold' | 'skilled' | 'random' | 'perWriter' | 'calibration' | 'aPosteriori' | 'histogram'
> & {
  readonly pairs: Pick<EvaluationReport['counts'], 'genuinePairs' | 'skilledPairs' | 'randomPairs'>;
  readonly failedPairs: Pick<
    EvaluationReport['failures'],
    'genuinePairsRejected' | 'skilledPairsLeftOut' | 'randomPairsLeftOut' | 'rule'
  >;
};

/** @throws INVALID_ARGUMENT when there is no genuine or no skilled pair */
export function judgePairs(input: PairsToJudge): JudgedPairs {
  const { genuine, threshold, calibration, rng } = input;
  const skilled = withoutFailures(input.skilled);
  const random = withoutFailures(input.random);
  const hasRandom = random.distance.length > 0;
  const judge = (forged: GroupedDistances): ErrorReport =>
    reportErrors(genuine, forged, {
      writerCount: input.writers.length,
      threshold: threshold.value,
      rng: rng.fork('bootstrap'), // the same draws for both kinds of forgery
      resamples: input.resamples ?? RESAMPLES,
    });
  return {
    threshold: { value: threshold.value, source: threshold.source },
    pairs: {
      genuinePairs: genuine.distance.length,
      skilledPairs: skilled.distance.length,
      randomPairs: random.distance.length,
    },
    failedPairs: {
      genuinePairsRejected: genuine.distance.filter((d) => d === Infinity).length,
      skilledPairsLeftOut: input.skilled.distance.length - skilled.distance.length,
      randomPairsLeftOut: input.random.distance.length - random.distance.length,
      rule: FAILURE_RULE,
    },
    skilled: judge(skilled),
    random: hasRandom ? judge(random) : null,
    perWriter: reportWriters(genuine, skilled, input.writers, threshold.value),
    calibration: calibration && reportCalibration(genuine.distance, skilled.distance, calibration),
    aPosteriori: {
      note: 'threshold chosen on the test pairs themselves: flatters, not reachable in use',
      skilled: maxBalancedAccuracy(genuine.distance, skilled.distance),
    },
    histogram: histogram(genuine.distance, skilled.distance, hasRandom ? random.distance : null),
  };
}

/** Only pairs of which both images were processed. */
export function withoutFailures({ distance, writer }: GroupedDistances): GroupedDistances {
  const kept = (_: number, m: number) => distance[m] !== Infinity;
  return { distance: distance.filter(kept), writer: writer.filter(kept) };
}
