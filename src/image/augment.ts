import { z } from 'zod';
import type { Rng } from '../core/rng.js';
import { bilinear, resample } from './geometry.js';
import { type Hand, handOptions, OWN_HAND, writtenBy } from './hand.js';
import type { Imitator } from './imitation.js';
import { inkBounds } from './ink-bounds.js';
import { settleLevels } from './levels.js';
import type { InkImage } from './types.js';

/** Strengths of the random changes made in training. 0 turns one off; with all off an image is returned as it is. */
export const augmentOptionsSchema = z.strictObject({
  rotationDegrees: z.number().min(0).max(45).default(8).describe('rotation, uniform over +- this, in degrees'),
  shear: z.number().min(0).max(0.5).default(0.16).describe('horizontal shear (slant), uniform over +- this, px per px'),
  scale: z.number().min(0).max(0.5).default(0.12).describe('size, a factor uniform over 1 - this .. 1 + this'),
  aspect: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.15)
    .describe('width against height, a factor uniform over 1 - this .. 1 + this'),
  shift: z.number().min(0).max(0.5).default(0.04).describe('shift, uniform over +- this share of the canvas, each way'),
  strokePasses: z
    .number()
    .min(0)
    .max(3)
    .default(1.2)
    .describe('stroke width: passes of a 3 x 3 thickening or thinning, uniform over +- this, fractions blended'),
  gain: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.15)
    .describe('level of all ink, a factor uniform over 1 - this .. 1 + this'),
  gamma: z
    .number()
    .min(0)
    .max(2)
    .default(0.35)
    .describe("curve of the ink's levels: exponent over 1 / (1 + this) .. 1 + this, uniform in its logarithm"),
  resolution: z
    .number()
    .min(0)
    .max(3)
    .default(0.8)
    .describe(
      'in every second image detail is lost as by a coarser scan, reduced by a factor uniform over 1 .. 1 + this',
    ),
  bilevel: z
    .number()
    .min(0)
    .max(1)
    .default(0.15)
    .describe('share of images whose ink becomes all or nothing, as in scans of two levels'),
  erase: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.3)
    .describe(
      'in every second image a box becomes paper, up to this share of the canvas wide: no detail decides alone',
    ),
  ...handOptions,
});

export type AugmentOptions = z.output<typeof augmentOptionsSchema>;

/** Thinning leaves at least this share of the ink, so that hairlines do not vanish. */
const THINNEST = 0.75;

/**
 * One random variant of a preprocessed canvas, as the same hand might have written it another day with another pen:
 * an affine warp in one bilinear sampling, another stroke width, another ink level. Never mirrored. Ink that the warp
 * would push over the edge is moved, and where it must be shrunk, back onto the canvas.
 *
 * @param written - [H, W] uint8, 0 = paper, 255 = full ink
 * @param rng - all randomness; the same generator state gives the same image
 * @param hand - what all signatures of this writer have in common this time; none leaves them as they were written
 * @param imitator - who writes it in the writer's place
 * @returns [H, W] uint8
 */
export function augment(
  written: InkImage,
  rng: Rng,
  options: AugmentOptions,
  hand: Hand = OWN_HAND,
  imitator?: Imitator,
): InkImage {
  const image = writtenBy(written, hand, imitator);
  const rotation = ((rng.uniform(-1, 1) * options.rotationDegrees + hand.rotationDegrees) * Math.PI) / 180;
  const shear = rng.uniform(-1, 1) * options.shear + hand.shear;
  const scale = 1 + rng.uniform(-1, 1) * options.scale;
  const stretch = Math.sqrt((1 + rng.uniform(-1, 1) * options.aspect) * hand.aspect);
  const shiftX = rng.uniform(-1, 1) * options.shift * image.width;
  const shiftY = rng.uniform(-1, 1) * options.shift * image.height;
  const passes = rng.uniform(-1, 1) * options.strokePasses;
  const gain = 1 + rng.uniform(-1, 1) * options.gain;
  const gamma = Math.exp(rng.uniform(-1, 1) * Math.log1p(options.gamma));

  // [a b; c d] = rotation * shear * anisotropic scale, from the image's coordinates to the variant's
  const cos = Math.cos(rotation);
  const sin = Math.sin(rotation);
  const [scaleX, scaleY] = [scale * stretch, scale / stretch];
  const matrix = {
    a: cos * scaleX,
    b: (cos * shear - sin) * scaleY,
    c: sin * scaleX,
    d: (sin * shear + cos) * scaleY,
  };
  const warped = isIdentity(matrix, shiftX, shiftY) ? image.data : warp(image, matrix, shiftX, shiftY);
  const stroked = { ...image, data: changeStrokes(warped, image.width, image.height, passes) };
  const scanned = scanAnew(stroked, rng.fork('scan'), options);
  const data = changeLevels(scanned, gain, gamma);
  if (options.erase > 0 && rng.chance(0.5)) eraseBox(data, image.width, image.height, rng, options.erase);
  return { width: image.width, height: image.height, data };
}

/** The picture as another scanner might have taken it, its levels settled as those of any picture. */
function scanAnew(image: InkImage, rng: Rng, { bilevel, resolution }: AugmentOptions): Uint8Array {
  const twoLevels = rng.chance(bilevel);
  const reduction = rng.chance(0.5) ? 1 + rng.uniform(0, resolution) : 1;
  if (!twoLevels && reduction === 1) return image.data;
  const ink = twoLevels ? inTwoLevels(image) : image;
  const [width, height] = [ink.width, ink.height].map((size) => Math.round(size / reduction)) as [number, number];
  const coarse = resample(ink, wholeOf(ink), width, height);
  return settleLevels(resample(coarse, wholeOf(coarse), ink.width, ink.height)).data;
}

/** Half of the darkest ink and above is ink: thin strokes, which a reduction has made faint, are not lost. */
function inTwoLevels(image: InkImage): InkImage {
  const darkest = image.data.reduce((most, level) => Math.max(most, level), 0);
  return { ...image, data: image.data.map((level) => (level > 0 && level >= darkest / 2 ? 255 : 0)) };
}

const wholeOf = ({ width, height }: InkImage) => ({ left: 0, top: 0, right: width, bottom: height });

/** A box becomes paper, in place: at most `share` of the width, and at least half of the height. @see Zhong et al. 2020 */
function eraseBox(data: Uint8Array, width: number, height: number, rng: Rng, share: number): void {
  const boxWidth = Math.round(rng.uniform(0, share) * width);
  const boxHeight = Math.round(rng.uniform(0.5, 1) * height);
  const left = rng.int(width - boxWidth + 1);
  const top = rng.int(height - boxHeight + 1);
  for (let y = top; y < top + boxHeight; y++) data.fill(0, y * width + left, y * width + left + boxWidth);
}

interface Matrix {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

function isIdentity({ a, b, c, d }: Matrix, shiftX: number, shiftY: number): boolean {
  return a === 1 && b === 0 && c === 0 && d === 1 && shiftX === 0 && shiftY === 0;
}

/** Output pixel (x, y) takes the bilinear value at the inverse map; outside the image is paper. */
function warp(image: InkImage, wanted: Matrix, wantedShiftX: number, wantedShiftY: number): Uint8Array {
  const { width, height, data } = image;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const { matrix, shiftX, shiftY } = keepOnCanvas(image, wanted, wantedShiftX, wantedShiftY);
  const determinant = matrix.a * matrix.d - matrix.b * matrix.c;
  const a = matrix.d / determinant;
  const b = -matrix.b / determinant;
  const c = -matrix.c / determinant;
  const d = matrix.a / determinant;
  const out = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const dy = y - centreY - shiftY;
    let sourceX = centreX + a * (-centreX - shiftX) + b * dy;
    let sourceY = centreY + c * (-centreX - shiftX) + d * dy;
    for (let x = 0; x < width; x++, i++, sourceX += a, sourceY += c) {
      if (sourceX < 0 || sourceY < 0 || sourceX >= width - 1 || sourceY >= height - 1) continue;
      out[i] = bilinear(data, width, sourceX, sourceY, sourceX | 0, sourceY | 0) + 0.5;
    }
  }
  return out;
}

/** Shrinks and moves a map so that the ink's box stays on the canvas, one px from its edge. */
function keepOnCanvas(image: InkImage, wanted: Matrix, wantedShiftX: number, wantedShiftY: number) {
  const { width, height } = image;
  const box = inkBounds(image);
  if (box === undefined) return { matrix: wanted, shiftX: wantedShiftX, shiftY: wantedShiftY };
  const x0 = box.left - (width - 1) / 2;
  const x1 = box.right - (width - 1) / 2;
  const y0 = box.top - (height - 1) / 2;
  const y1 = box.bottom - (height - 1) / 2;
  const spanX = Math.abs(wanted.a) * (x1 - x0) + Math.abs(wanted.b) * (y1 - y0);
  const spanY = Math.abs(wanted.c) * (x1 - x0) + Math.abs(wanted.d) * (y1 - y0);
  const shrink = Math.min(1, (width - 3) / spanX, (height - 3) / spanY);
  const matrix = { a: wanted.a * shrink, b: wanted.b * shrink, c: wanted.c * shrink, d: wanted.d * shrink };
  const middleX = (matrix.a * (x0 + x1) + matrix.b * (y0 + y1)) / 2;
  const middleY = (matrix.c * (x0 + x1) + matrix.d * (y0 + y1)) / 2;
  const roomX = Math.max(0, (width - 3 - spanX * shrink) / 2);
  const roomY = Math.max(0, (height - 3 - spanY * shrink) / 2);
  return {
    matrix,
    shiftX: Math.min(roomX, Math.max(-roomX, middleX + wantedShiftX)) - middleX,
    shiftY: Math.min(roomY, Math.max(-roomY, middleY + wantedShiftY)) - middleY,
  };
}

/** `passes` > 0 thickens, < 0 thins; the fraction of the last pass is blended in. */
function changeStrokes(data: Uint8Array, width: number, height: number, passes: number): Uint8Array {
  let out = data;
  for (let left = Math.abs(passes); left > 0; left--) {
    const share = Math.min(1, left) * (passes > 0 ? 1 : THINNEST);
    out = blend(out, extreme3(out, width, height, passes > 0), share);
  }
  return out;
}

function blend(from: Uint8Array, to: Uint8Array, share: number): Uint8Array {
  const out = new Uint8Array(from.length);
  const weight = Math.round(share * 256);
  for (let i = 0; i < out.length; i++) out[i] = (from[i]! * (256 - weight) + to[i]! * weight + 128) >> 8;
  return out;
}

/** Maximum or minimum over a 3 x 3 cross and square in one separable pass; the border repeats. */
function extreme3(data: Uint8Array, width: number, height: number, maximum: boolean): Uint8Array {
  const flip = maximum ? 0 : 255; // min(v) = 255 - max(255 - v)
  const rows = new Uint8Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    let before = data[i]! ^ flip;
    let here = before;
    for (let x = 0; x < width; x++, i++) {
      const after = x < width - 1 ? data[i + 1]! ^ flip : here;
      let value = Math.max(here, before);
      if (after > value) value = after;
      rows[i] = value;
      before = here;
      here = after;
    }
  }
  const out = new Uint8Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    const up = y > 0 ? width : 0;
    const down = y < height - 1 ? width : 0;
    for (let x = 0; x < width; x++, i++) {
      let value = rows[i]!;
      if (rows[i - up]! > value) value = rows[i - up]!;
      if (rows[i + down]! > value) value = rows[i + down]!;
      out[i] = value ^ flip;
    }
  }
  return out;
}

/** ink -> gain ink^gamma, through a table. */
function changeLevels(data: Uint8Array, gain: number, gamma: number): Uint8Array {
  const table = new Uint8Array(256);
  for (let v = 0; v < 256; v++) table[v] = Math.min(255, Math.round(255 * gain * (v / 255) ** gamma));
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = table[data[i]!]!;
  return out;
}
