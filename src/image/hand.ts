/**
 * Writers that do not exist: the same random change to all signatures of one writer, genuine and forged. What tells
 * them apart stays, who they are does not, so that some hundred real writers become as many as a training has steps.
 */
import { z } from 'zod';
import type { Rng } from '../core/rng.js';
import { bilinear } from './geometry.js';
import type { InkImage } from './types.js';

/** Strengths, a part of `augmentOptionsSchema`. 0 turns one off. */
export const handOptions = {
  mirror: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('share of batches whose signatures are all mirrored left to right, and apart from it top to bottom'),
  handRotationDegrees: z.number().min(0).max(45).default(0).describe('rotation that a writer has in a batch, as above'),
  handShear: z.number().min(0).max(0.5).default(0).describe('slant that a writer has in a batch, as above'),
  handAspect: z.number().min(0).max(0.5).default(0).describe('width against height of a writer in a batch, as above'),
  handWarp: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'letters grow and shrink over the canvas, by up to about this share, the same way for a writer in a batch',
    ),
};

export type HandOptions = z.output<z.ZodObject<typeof handOptions>>;

/** What all signatures of one writer have in common. */
export interface Hand {
  readonly mirrorX: boolean;
  readonly mirrorY: boolean;
  readonly rotationDegrees: number;
  /** px per px */
  readonly shear: number;
  /** Factor on width / height. */
  readonly aspect: number;
  /** Amplitudes of the waves, [axis][wave along the axis][wave across it]; none leaves the canvas even. */
  readonly waves: readonly (readonly (readonly number[])[])[] | undefined;
}

const WAVES_ALONG = 3;
const WAVES_ACROSS = 2;

/**
 * @param batch - the same for all writers of a batch: a mirrored one would be no negative for the others
 * @param writer - the writer's own
 */
export function drawHand(batch: Rng, writer: Rng, options: HandOptions): Hand {
  const [mirrorX, mirrorY] = [batch.chance(options.mirror), batch.chance(options.mirror)];
  const rotationDegrees = writer.uniform(-1, 1) * options.handRotationDegrees;
  const shear = writer.uniform(-1, 1) * options.handShear;
  const aspect = Math.exp(writer.uniform(-1, 1) * Math.log1p(options.handAspect));
  const waves =
    options.handWarp === 0
      ? undefined
      : [0, 1].map(() =>
          Array.from({ length: WAVES_ALONG }, () =>
            Array.from({ length: WAVES_ACROSS }, () => writer.uniform(-1, 1) * options.handWarp),
          ),
        );
  return { mirrorX, mirrorY, rotationDegrees, shear, aspect, waves };
}

/** The picture mirrored and warped as the hand has it; nothing leaves the canvas, whose edge stays where it is. */
export function writtenBy(image: InkImage, { mirrorX, mirrorY, waves }: Hand): InkImage {
  const mirrored = mirrorX || mirrorY ? mirror(image, mirrorX, mirrorY) : image;
  return waves === undefined ? mirrored : warp(mirrored, waves);
}

function mirror({ width, height, data }: InkImage, mirrorX: boolean, mirrorY: boolean): InkImage {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const at = (mirrorY ? height - 1 - y : y) * width;
    out.set(row, at);
    if (mirrorX) out.subarray(at, at + width).reverse();
  }
  return { width, height, data: out };
}

/**
 * Pixel (x, y) takes the bilinear value at (x + dx, y + dy), with u = x / W, v = y / H over 0 .. 1,
 *
 *     dx = W sum over j = 1 .. 3, k = 0 .. 1 of  a_jk sin(pi j u) cos(pi k v) / (6 pi j)
 *
 * and dy with the axes changed: smooth, 0 at the edge that it could push ink over, and never so steep that it folds.
 */
function warp({ width, height, data }: InkImage, waves: NonNullable<Hand['waves']>): InkImage {
  const [ofX, ofY] = waves as [number[][], number[][]];
  const columns = displacements(ofX, width); // [W][wave across], px
  const rows = displacements(ofY, height);
  const acrossRows = cosines(height);
  const acrossColumns = cosines(width);
  const out = new Uint8Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      let [sourceX, sourceY] = [x, y];
      for (let k = 0; k < WAVES_ACROSS; k++) {
        sourceX += columns[k]![x]! * acrossRows[k]![y]!;
        sourceY += rows[k]![y]! * acrossColumns[k]![x]!;
      }
      const [left, top] = [Math.min(width - 2, sourceX | 0), Math.min(height - 2, sourceY | 0)];
      out[i] = bilinear(data, width, sourceX, sourceY, left, top) + 0.5;
    }
  }
  return { width, height, data: out };
}

/** @returns [wave across][position along], px */
function displacements(amplitudes: readonly (readonly number[])[], length: number): Float64Array[] {
  return Array.from({ length: WAVES_ACROSS }, (_, k) =>
    Float64Array.from({ length }, (_, at) =>
      amplitudes.reduce((sum, across, j) => {
        const wave = Math.PI * (j + 1);
        return sum + (length * across[k]! * Math.sin((wave * at) / (length - 1))) / (WAVES_ALONG * WAVES_ACROSS * wave);
      }, 0),
    ),
  );
}

/** @returns [wave across][position] */
function cosines(length: number): Float64Array[] {
  return Array.from({ length: WAVES_ACROSS }, (_, k) =>
    Float64Array.from({ length }, (_, at) => Math.cos((Math.PI * k * at) / (length - 1))),
  );
}
