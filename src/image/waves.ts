/** Smooth displacements of a canvas whose edge stays where it is. */
import type { Rng } from '../core/rng.js';

/** Amplitudes, [axis][wave along the axis][wave across it]. */
export type Waves = readonly (readonly (readonly number[])[])[];

const ALONG = 3;
const ACROSS = 2;

/** @param strength - at most 1; letters grow and shrink by up to about this share */
export function drawWaves(rng: Rng, strength: number): Waves {
  return [0, 1].map(() =>
    Array.from({ length: ALONG }, () => Array.from({ length: ACROSS }, () => rng.uniform(-1, 1) * strength)),
  );
}

/**
 * With u = x / W, v = y / H over 0 .. 1,
 *
 *     dx = W sum over j = 1 .. 3, k = 0 .. 1 of  a_jk sin(pi j u) cos(pi k v) / (6 pi j)
 *
 * and dy with the axes changed: smooth, 0 at the edge that it could push ink over, and never so steep that it folds.
 *
 * @returns dx and dy at a pixel, px
 */
export function displacement(waves: Waves, width: number, height: number) {
  const columns = alongAxis(waves[0]!, width); // [wave across][W], px
  const rows = alongAxis(waves[1]!, height);
  const acrossRows = acrossAxis(height);
  const acrossColumns = acrossAxis(width);
  const sum = (along: readonly Float64Array[], across: readonly Float64Array[]) => (at: number, other: number) => {
    let shift = 0;
    for (let k = 0; k < ACROSS; k++) shift += along[k]![at]! * across[k]![other]!;
    return shift;
  };
  const [ofX, ofY] = [sum(columns, acrossRows), sum(rows, acrossColumns)];
  return { x: (x: number, y: number) => ofX(x, y), y: (x: number, y: number) => ofY(y, x) };
}

/** @returns [wave across][position along], px */
function alongAxis(amplitudes: readonly (readonly number[])[], length: number): Float64Array[] {
  return Array.from({ length: ACROSS }, (_, k) =>
    Float64Array.from({ length }, (_, at) =>
      amplitudes.reduce((sum, across, j) => {
        const wave = Math.PI * (j + 1);
        return sum + (length * across[k]! * Math.sin((wave * at) / (length - 1))) / (ALONG * ACROSS * wave);
      }, 0),
    ),
  );
}

/** @returns [wave across][position] */
function acrossAxis(length: number): Float64Array[] {
  return Array.from({ length: ACROSS }, (_, k) =>
    Float64Array.from({ length }, (_, at) => Math.cos((Math.PI * k * at) / (length - 1))),
  );
}
