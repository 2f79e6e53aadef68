/**
 * Pens, paper and scanners. They are drawn anew for EVERY image from one distribution that knows neither the writer nor
 * whether the signature is genuine: nothing about the material tells a forgery (several published sets fail in this).
 */
import type { Rng } from '../../core/rng.js';

export interface Material {
  readonly resolutionDpi: number;
  /** Mean width of the line. */
  readonly strokeWidthMm: number;
  /** How much pressure changes width and darkness, 0 (felt pen) to 1 (soft nib). */
  readonly widthResponse: number;
  readonly darknessResponse: number;
  /** Mean darkness of the line, 0 to 1. */
  readonly darkness: number;
  /** Irregularity of the ink, 0 (gel) to 0.3 (dry ballpoint). */
  readonly grain: number;
  /** Grey of the paper, 255 = white. */
  readonly paperGrey: number;
  /** Standard deviation of paper and scanner noise, grey levels; 0 where the scan was cleaned. */
  readonly noise: number;
  /** Blur of scanner and ink spread, pixels. */
  readonly softnessPx: number;
  /** Paper left around the ink, millimetres: left, top, right, bottom. */
  readonly marginsMm: readonly [number, number, number, number];
}

const KINDS = [
  {
    strokeWidthMm: [0.3, 0.55],
    widthResponse: [0.35, 0.8],
    darknessResponse: [0.3, 0.8],
    darkness: [0.6, 0.92],
    grain: [0.05, 0.25],
  },
  {
    strokeWidthMm: [0.38, 0.65],
    widthResponse: [0.2, 0.6],
    darknessResponse: [0, 0.3],
    darkness: [0.8, 1],
    grain: [0, 0.08],
  },
  {
    strokeWidthMm: [0.5, 0.85],
    widthResponse: [0.5, 1.1],
    darknessResponse: [0, 0.25],
    darkness: [0.75, 1],
    grain: [0, 0.1],
  },
] as const;

export function drawMaterial(rng: Rng): Material {
  const kind = rng.pick([KINDS[0], KINDS[0], KINDS[1], KINDS[2]]); // ballpoint, ballpoint, gel, felt
  const within = ([low, high]: readonly [number, number]) => rng.uniform(low, high);
  const cleaned = rng.chance(0.3);
  return {
    resolutionDpi: rng.uniform(160, 220),
    strokeWidthMm: within(kind.strokeWidthMm),
    widthResponse: within(kind.widthResponse),
    darknessResponse: within(kind.darknessResponse),
    darkness: within(kind.darkness),
    grain: within(kind.grain),
    paperGrey: cleaned ? 255 : rng.uniform(222, 252),
    noise: cleaned ? 0 : rng.uniform(0.5, 3),
    softnessPx: rng.uniform(1, 1.8),
    marginsMm: [rng.uniform(1.5, 6), rng.uniform(1.5, 6), rng.uniform(1.5, 6), rng.uniform(1.5, 6)],
  };
}
