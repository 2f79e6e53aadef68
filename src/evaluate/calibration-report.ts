/**
 * Is the score what it says? Measures of a calibration on pairs that it was not fitted on. Genuine and forged pairs
 * weigh the same altogether, as in the calibration; pairs of failed images carry no evidence and are left out.
 */
import { type Calibration, genuineProbability } from './calibration.js';
import type { Distances } from './error-rates.js';
import { fitIsotonic } from './isotonic.js';

export interface CalibrationReport {
  /**
   * Cost of the log-likelihood ratios, in bits: 0 for an oracle, 1 for a score that says nothing, more for one that
   * misleads. Brümmer and du Preez 2006.
   */
  readonly cllr: number;
  /** The same after the best monotone recalibration on these very pairs: what the distances are worth. */
  readonly minCllr: number;
  /** Mean |probability - share that is genuine| over the bins, by weight, 0 .. 1. Naeini et al. 2015. */
  readonly ece: number;
  /** Mean (probability - outcome)^2, 0 .. 1; 0.25 for a score that always says one half. Brier 1950. */
  readonly brier: number;
  /** Ten equal bins of the probability; those without pairs are left out. */
  readonly reliability: readonly ReliabilityBin[];
}

export interface ReliabilityBin {
  /** Mean probability said, 0 .. 1. */
  readonly said: number;
  /** Share that is genuine, 0 .. 1. */
  readonly genuine: number;
  /** Share of all weight that lies in the bin. */
  readonly weight: number;
  readonly pairs: number;
}

const BINS = 10;

/** @throws INVALID_ARGUMENT when either class has no finite distance */
export function reportCalibration(genuine: Distances, forged: Distances, calibration: Calibration): CalibrationReport {
  const blocks = fitIsotonic(genuine, forged);
  const classes = [genuine, forged].map((distances) => Float64Array.from(distances).filter(Number.isFinite));
  const bins = Array.from({ length: BINS }, () => ({ said: 0, genuine: 0, weight: 0, pairs: 0 }));
  let [cllr, brier] = [0, 0];
  classes.forEach((distances, kind) => {
    const weight = 1 / (2 * distances.length);
    const outcome = kind === 0 ? 1 : 0;
    for (const distance of distances) {
      const logOdds = -(calibration.slope * distance + calibration.intercept); // ln of the likelihood ratio
      cllr += weight * log2OnePlusExp(outcome === 1 ? -logOdds : logOdds);
      const probability = genuineProbability(distance, calibration);
      brier += weight * (probability - outcome) ** 2;
      const bin = bins[Math.min(BINS - 1, Math.floor(probability * BINS))]!;
      bin.said += weight * probability;
      bin.genuine += weight * outcome;
      bin.weight += weight;
      bin.pairs++;
    }
  });
  const [g, f] = classes.map(({ length }) => length) as [number, number];
  // Of a block of a genuine and b forged pairs the likelihood ratio is (a / G) / (b / F); without one kind it costs nothing.
  const minCllr = blocks.reduce((sum, { probability: p, genuine: a, forged: b }) => {
    const costs = (a === 0 ? 0 : (a / (2 * g)) * -Math.log2(p)) + (b === 0 ? 0 : (b / (2 * f)) * -Math.log2(1 - p));
    return sum + costs;
  }, 0);
  const reliability = bins
    .filter(({ pairs }) => pairs > 0)
    .map((bin) => ({
      ...bin,
      weight: Math.min(1, bin.weight),
      said: bin.said / bin.weight,
      genuine: bin.genuine / bin.weight,
    }));
  const ece = reliability.reduce((sum, bin) => sum + bin.weight * Math.abs(bin.said - bin.genuine), 0);
  return { cllr, minCllr, ece, brier, reliability };
}

/** log2(1 + e^x) without overflow. */
function log2OnePlusExp(x: number): number {
  return (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))) / Math.LN2;
}
