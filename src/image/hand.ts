/**
 * Writers that do not exist: the same random change to all signatures of one writer, genuine and forged. What tells
 * them apart stays, who they are does not, so that some hundred real writers become as many as a training has steps.
 */
import { z } from 'zod';
import type { Rng } from '../core/rng.js';
import { bilinear } from './geometry.js';
import { type Imitator, imitationOf } from './imitation.js';
import type { InkImage } from './types.js';
import { mirror } from './views.js';
import { displacement, drawWaves, type Waves } from './waves.js';

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
  /** None leaves the canvas even. */
  readonly waves: Waves | undefined;
}

/** Leaves everything as it was written. */
export const OWN_HAND: Hand = {
  mirrorX: false,
  mirrorY: false,
  rotationDegrees: 0,
  shear: 0,
  aspect: 1,
  waves: undefined,
};

/**
 * @param batch - the same for all writers of a batch: a mirrored one would be no negative for the others
 * @param writer - the writer's own
 */
export function drawHand(batch: Rng, writer: Rng, options: HandOptions): Hand {
  const [mirrorX, mirrorY] = [batch.chance(options.mirror), batch.chance(options.mirror)];
  const rotationDegrees = writer.uniform(-1, 1) * options.handRotationDegrees;
  const shear = writer.uniform(-1, 1) * options.handShear;
  const aspect = Math.exp(writer.uniform(-1, 1) * Math.log1p(options.handAspect));
  const waves = options.handWarp === 0 ? undefined : drawWaves(writer, options.handWarp);
  return { mirrorX, mirrorY, rotationDegrees, shear, aspect, waves };
}

/**
 * The picture mirrored and warped as the hand has it; nothing leaves the canvas, whose edge stays where it is, unless
 * an imitator writes in the writer's place.
 */
export function writtenBy(image: InkImage, { mirrorX, mirrorY, waves }: Hand, imitator?: Imitator): InkImage {
  const mirrored = mirror(image, mirrorX, mirrorY);
  return waves === undefined && imitator === undefined ? mirrored : warp(mirrored, waves, imitator);
}

/** Pixel (x, y) takes the bilinear value at (x + dx, y + dy), or where an imitation has that point. */
function warp(image: InkImage, waves: Waves | undefined, imitator: Imitator | undefined): InkImage {
  const { width, height, data } = image;
  const shift = waves && displacement(waves, width, height);
  const imitation = imitator && imitationOf(image, imitator);
  const out = new Uint8Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      let [sourceX, sourceY] = shift ? [x + shift.x(x, y), y + shift.y(x, y)] : [x, y];
      if (imitation) [sourceX, sourceY] = imitation(sourceX, sourceY);
      if (sourceX < 0 || sourceY < 0 || sourceX > width - 1 || sourceY > height - 1) continue;
      const [left, top] = [Math.min(width - 2, sourceX | 0), Math.min(height - 2, sourceY | 0)];
      out[i] = bilinear(data, width, sourceX, sourceY, left, top) + 0.5;
    }
  }
  return { width, height, data: out };
}
