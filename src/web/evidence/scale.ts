/**
 * Where a distance lies among pairs whose truth is known: the calibration's genuine signatures and forgeries. Pure; from
 * what the service says of a model, or from the model file itself.
 */
import type { ErrorCurve } from '../../evaluate/error-curves.js';
import { acceptedAt } from '../../evaluate/evidence.js';
import type { Evidence } from '../../nn/calibration-metadata.js';

/** Shares of the pairs of each kind that lie within each distance, 0 .. 1, joined by straight lines between. */
export interface PairsWithin {
  /** Ascending. */
  readonly distances: readonly number[];
  readonly genuine: readonly number[];
  readonly skilled: readonly number[];
  readonly random: readonly number[];
}

type Kind = 'genuine' | 'skilled' | 'random';
const KINDS: readonly Kind[] = ['genuine', 'skilled', 'random'];

/** @param curve - of `modelCurves`, for the number of references at hand */
export function pairsOfCurve({ points }: Pick<ErrorCurve, 'points'>): PairsWithin {
  return {
    distances: points.map(({ distance }) => distance),
    genuine: points.map(({ frr }) => 1 - frr.value),
    skilled: points.map(({ farSkilled }) => farSkilled.value),
    random: points.map(({ farRandom }) => farRandom.value),
  };
}

/** @param evidence - of the calibration in a model file, for the number of references at hand */
export function pairsOfEvidence({ distances, writers }: Evidence): PairsWithin {
  const within = (kind: Kind) => {
    const counts = distances.map((_, i) => writers.reduce((sum, writer) => sum + writer[kind][i]!, 0));
    return counts.map((count) => count / Math.max(1, counts.at(-1)!));
  };
  return { distances, genuine: within('genuine'), skilled: within('skilled'), random: within('random') };
}

/** The curves of how many pairs lie at each distance, ready to be drawn side by side. */
export interface EvidenceScale {
  /** The axis goes from 0 to here. */
  readonly upTo: number;
  /** Evenly spaced, from 0 to `upTo`: share of all pairs of a kind per unit of distance. */
  readonly bands: readonly (Readonly<Record<Kind, number>> & { readonly distance: number })[];
  /** The greatest of these numbers. */
  readonly highest: number;
}

/** Pairs within this share of the axis, to either side, make the density of a place. */
const REACH = 0.03;

/** @param steps - of the axis: one more band than that */
export function evidenceScale(pairs: PairsWithin, steps = 100): EvidenceScale {
  const upTo = pairs.distances.at(-1)! * (1 + REACH);
  const reach = REACH * upTo;
  const bands = Array.from({ length: steps + 1 }, (_, step) => {
    const distance = (step / steps) * upTo;
    const density = (kind: Kind) =>
      (shareWithin(pairs, kind, distance + reach) - shareWithin(pairs, kind, distance - reach)) / (2 * reach);
    return { distance, genuine: density('genuine'), skilled: density('skilled'), random: density('random') };
  });
  return { upTo, bands, highest: Math.max(...bands.flatMap((band) => KINDS.map((kind) => band[kind]))) };
}

/** Shares of the calibration's pairs, 0 .. 1. */
export interface Standing {
  /** Genuine pairs that lie farther apart. */
  readonly genuineFarther: number;
  /** Forgeries that come as close. */
  readonly skilledAsClose: number;
  readonly randomAsClose: number;
}

export function standingOf(pairs: PairsWithin, distance: number): Standing {
  return {
    genuineFarther: 1 - shareWithin(pairs, 'genuine', distance),
    skilledAsClose: shareWithin(pairs, 'skilled', distance),
    randomAsClose: shareWithin(pairs, 'random', distance),
  };
}

/**
 * @example
 * standingInWords(standingOf(pairs, 0.54));
 * // 'Closer than 82 % of genuine pairs; 3 % of skilled forgeries come as close.'
 */
export function standingInWords({ genuineFarther, skilledAsClose }: Standing): string {
  const genuine =
    genuineFarther >= 0.5
      ? `Closer than ${shareOf(genuineFarther, 'genuine pair')}`
      : `Farther apart than ${shareOf(1 - genuineFarther, 'genuine pair')}`;
  const forged =
    skilledAsClose === 0 ? 'no skilled forgery comes' : `${percent(skilledAsClose)} of skilled forgeries come`;
  return `${genuine}; ${forged} as close.`;
}

const shareOf = (share: number, what: string) => (share === 1 ? `any ${what}` : `${percent(share)} of ${what}s`);

function shareWithin(pairs: PairsWithin, kind: Kind, distance: number): number {
  return acceptedAt(pairs[kind], distance, pairs);
}

/** Of a share above 0: not 0 %, and 100 % only of all. */
function percent(share: number): string {
  if (share < 0.01) return 'under 1 %';
  if (share > 0.99 && share < 1) return 'over 99 %';
  return `${Math.round(100 * share)} %`;
}
