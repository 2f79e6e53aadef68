/**
 * Forgeries that nobody wrote: a genuine signature by someone who knows its letters and not its hand. The letters stay;
 * slant, proportions and baseline are another's, and the line may tremble.
 */
import type { Rng } from '../core/rng.js';
import type { InkImage } from './types.js';
import { displacement, drawWaves, type Waves } from './waves.js';

/** How an imitator's hand differs from the writer's. */
export interface Imitator {
  readonly rotationDegrees: number;
  /** px per px */
  readonly shear: number;
  /** Factor on width / height. */
  readonly aspect: number;
  readonly waves: Waves;
  /** Largest shift of a point along each axis, px, and the distance between points that tremble apart, px. */
  readonly tremor: { readonly amplitude: number; readonly spacing: number; readonly rng: Rng };
}

const MOST = { rotationDegrees: 8, shear: 0.3, aspect: 0.35, waves: 1 };
/** At least one of rotation, slant and proportions differs by this share of the most. */
const LEAST = 0.5;

/** What at least one of these differs by: degrees, px per px, and the factor on width / height less 1. */
export const LEAST_DIFFERENCE = {
  rotationDegrees: LEAST * MOST.rotationDegrees,
  shear: LEAST * MOST.shear,
  aspect: (1 + MOST.aspect) ** LEAST - 1,
};

/** Of imitators: the others write fluently. */
const TREMBLING_SHARE = 0.6;

export function drawImitator(rng: Rng): Imitator {
  let shares: number[];
  do shares = [0, 1, 2].map(() => rng.uniform(-1, 1));
  while (!shares.some((share) => Math.abs(share) >= LEAST));
  const [rotation, shear, aspect] = shares as [number, number, number];
  return {
    rotationDegrees: rotation * MOST.rotationDegrees,
    shear: shear * MOST.shear,
    aspect: Math.exp(aspect * Math.log1p(MOST.aspect)),
    waves: drawWaves(rng, MOST.waves),
    tremor: {
      amplitude: rng.chance(TREMBLING_SHARE) ? rng.uniform(0.6, 1.6) : 0,
      spacing: rng.uniform(7, 16),
      rng: rng.fork('tremor'),
    },
  };
}

/** Where a point of a picture comes from in another, px. */
export type PixelMap = (x: number, y: number) => readonly [x: number, y: number];

/**
 * The imitation as a map, so that it is sampled together with what else is done to the image: blurred once more than
 * others, it would be known by that. It fills the canvas as the image does.
 *
 * @param image - [H, W] uint8, 0 = paper, 255 = full ink
 */
export function imitationOf(image: InkImage, imitator: Imitator): PixelMap {
  if (!image.data.some((level) => level > 0)) return (x, y) => [x, y];
  const toWriter = bendLines(image, imitator);
  const place = affineOf(image, imitator);
  return (x, y) => toWriter(...place(x, y));
}

/** Rotation * shear * aspect about the middle of the ink, inverted; the ink then fills as much of the canvas as before. */
function affineOf(image: InkImage, { rotationDegrees, shear, aspect }: Imitator): PixelMap {
  const angle = (rotationDegrees * Math.PI) / 180;
  const [cos, sin, stretch] = [Math.cos(angle), Math.sin(angle), Math.sqrt(aspect)];
  const [a, b, c, d] = [cos * stretch, (cos * shear - sin) / stretch, sin * stretch, (sin * shear + cos) / stretch];
  const before = extent(image, 1, 0, 0, 1);
  const after = extent(image, a, b, c, d);
  const fill = ({ width, height }: ReturnType<typeof extent>) => Math.max(width / image.width, height / image.height);
  const scale = fill(before) / fill(after);
  const determinant = (a * d - b * c) * scale;
  return (x, y) => {
    const dx = x - before.middleX + scale * after.middleX;
    const dy = y - before.middleY + scale * after.middleY;
    return [(d * dx - b * dy) / determinant, (a * dy - c * dx) / determinant];
  };
}

/** Of the ink whose pixels (x, y) have come to (a x + b y, c x + d y). */
function extent({ width, height, data }: InkImage, a: number, b: number, c: number, d: number) {
  const [x, y] = [new Range(), new Range()];
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      if (data[i] === 0) continue;
      x.add(a * column + b * row);
      y.add(c * column + d * row);
    }
  }
  return { width: x.length + 1, height: y.length + 1, middleX: x.middle, middleY: y.middle };
}

class Range {
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
  }

  get length(): number {
    return this.#most - this.#least;
  }

  get middle(): number {
    return (this.#most + this.#least) / 2;
  }
}

/** Waves, as at the nearest pixel, and tremor at the points of a lattice; what lies between moves along with them. */
function bendLines({ width, height }: InkImage, { waves, tremor }: Imitator): PixelMap {
  const { spacing, amplitude } = tremor;
  const rng = tremor.rng.fork('points'); // the same for each use
  const smooth = displacement(waves, width, height);
  const columns = Math.ceil((width - 1) / spacing) + 1;
  const rows = Math.ceil((height - 1) / spacing) + 1;
  const [ofX, ofY] = [new Float64Array(rows * columns), new Float64Array(rows * columns)];
  for (let point = 0; point < rows * columns; point++) {
    const x = Math.min(width - 1, Math.round((point % columns) * spacing));
    const y = Math.min(height - 1, Math.round(Math.floor(point / columns) * spacing));
    ofX[point] = smooth.x(x, y) + rng.uniform(-1, 1) * amplitude;
    ofY[point] = smooth.y(x, y) + rng.uniform(-1, 1) * amplitude;
  }
  return (x, y) => {
    const across = Math.min(columns - 1, Math.max(0, x / spacing));
    const down = Math.min(rows - 1, Math.max(0, y / spacing));
    const [column, row] = [Math.min(columns - 2, across | 0), Math.min(rows - 2, down | 0)];
    const at = row * columns + column;
    const shift = (points: Float64Array) => {
      const upper = points[at]! + (across - column) * (points[at + 1]! - points[at]!);
      const lower = points[at + columns]! + (across - column) * (points[at + columns + 1]! - points[at + columns]!);
      return upper + (down - row) * (lower - upper);
    };
    return [x + shift(ofX), y + shift(ofY)];
  };
}
